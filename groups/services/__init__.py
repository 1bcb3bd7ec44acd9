"""Writes that touch several tables, one transaction each."""
