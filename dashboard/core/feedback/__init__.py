"""What visitors say was wrong, until somebody has looked at it."""
