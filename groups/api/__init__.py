"""The REST API of groups."""
