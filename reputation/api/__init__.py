"""The REST API of reputation."""
