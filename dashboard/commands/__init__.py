"""What the command line can do: a function for each command."""
