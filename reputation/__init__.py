"""Reputation: the ledger of events and its projection."""
