-- Rows that a stream is said to carry and nobody has applied yet.
SELECT id, event_id, topic, user_id, stream_id
FROM outbox_events
WHERE id > %(after)s AND stream_id IS NOT NULL AND error = ''
ORDER BY id
LIMIT %(most)s
