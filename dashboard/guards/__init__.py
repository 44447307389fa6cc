"""What stands between the network and the application: one middleware per file."""
