"""Faults done to a cluster under load, and what of the load is there afterwards."""
