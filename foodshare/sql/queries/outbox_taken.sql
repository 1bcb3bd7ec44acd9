-- The rows to be applied, locked in the order of their people, so that two consumers cannot wait for each other.
SELECT * FROM outbox_events WHERE id = ANY(%(ids)s) AND error = '' ORDER BY user_id, id FOR UPDATE
