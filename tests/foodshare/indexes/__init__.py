"""Indexing partitioned tables."""
