-- Which of these events are in the ledger.
SELECT id FROM reputation_events WHERE id = ANY(%(ids)s)
