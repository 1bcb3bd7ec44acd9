"""Profiles, relationships and presence."""
