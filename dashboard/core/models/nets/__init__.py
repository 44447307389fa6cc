"""The networks, one family per file."""
