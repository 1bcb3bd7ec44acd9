-- Add events to the ledger. An event that is there already is not added again.
INSERT INTO reputation_events
    (id, user_id, event_type, impact_score, previous_score, new_score, group_id, related_exchange_id, description,
     stream_id, stream_partition, processed_at, created_at)
SELECT id, user_id, event_type, impact_score, previous_score, new_score, group_id, related_exchange_id, description,
       stream_id, stream_partition, processed_at, created_at
FROM json_populate_recordset(NULL::reputation_events, %(rows)s::json)
ON CONFLICT (id) DO NOTHING
