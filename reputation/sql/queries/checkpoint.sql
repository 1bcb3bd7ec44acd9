-- The last entry that a group has applied of a stream. Consumers share a stream, so an older entry may come later; the
-- numbers around the hyphen are compared, as the text would not be in their order.
INSERT INTO event_stream_checkpoints AS kept (consumer_group, stream_name, last_processed_id, processed_at, lag_seconds)
VALUES (%(group)s, %(stream)s, %(entry)s, %(at)s, %(lag)s)
ON CONFLICT (consumer_group, stream_name) DO UPDATE
SET last_processed_id = CASE
        WHEN string_to_array(excluded.last_processed_id, '-')::bigint[]
             > string_to_array(kept.last_processed_id, '-')::bigint[]
        THEN excluded.last_processed_id ELSE kept.last_processed_id END,
    processed_at = excluded.processed_at, lag_seconds = excluded.lag_seconds
