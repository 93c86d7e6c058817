"""What people touch: the radar command."""
