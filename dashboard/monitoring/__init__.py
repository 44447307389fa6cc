"""What whoever runs Lightbox can see of it: figures for Prometheus, lines in the log."""
