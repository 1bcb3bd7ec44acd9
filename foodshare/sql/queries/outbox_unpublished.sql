-- The next rows that no stream carries, held for the relay that publishes them.
SELECT id, event_id, topic, event_type, user_id, payload::text, created_at
FROM outbox_events
WHERE stream_id IS NULL AND error = ''
ORDER BY id
LIMIT %(most)s
FOR NO KEY UPDATE SKIP LOCKED
