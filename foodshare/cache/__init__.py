"""Answers kept beside the database: fast, bounded, and never older than what their reader knows. No models.

A value lives in two tiers, this process and Valkey. It is dropped when the database says that what it was made of has
changed, and it carries the place in the write-ahead log (LSN) at which it was read. Whenever it cannot be told whether
a value is still good, it is not used, and the database answers.
"""
