"""What clients see over HTTP of a primary and its standbys."""
