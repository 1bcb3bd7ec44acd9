"""Partitioned tables."""
