-- Document A, step 2.
CREATE INDEX CONCURRENTLY idx_reputation_events_stream
ON reputation_events (stream_partition, stream_id, processed_at);
