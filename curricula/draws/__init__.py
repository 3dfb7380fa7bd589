"""The ways to draw blocks from what is open, one a file: uniform, weighted, epochs, and the sorted pass."""
