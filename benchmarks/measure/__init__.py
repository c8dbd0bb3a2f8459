"""What is measured of every file."""
