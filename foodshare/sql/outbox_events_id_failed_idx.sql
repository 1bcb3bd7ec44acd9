-- The admin's list of events that could not be applied.
CREATE INDEX CONCURRENTLY outbox_events_id_failed_idx
ON outbox_events (id)
WHERE error <> '';
