"""What the service keeps on disk besides the run directories."""
