-- What is applied in this transaction is in the outbox no more.
DELETE FROM outbox_events WHERE id = ANY(%(ids)s)
