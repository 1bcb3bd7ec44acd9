"""The admin of the core app."""
