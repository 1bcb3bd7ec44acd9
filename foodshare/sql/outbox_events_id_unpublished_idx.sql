-- The relay's next batch: what no stream carries yet.
CREATE INDEX CONCURRENTLY outbox_events_id_unpublished_idx
ON outbox_events (id)
WHERE stream_id IS NULL AND error = '';
