"""Upkeep of partitions."""
