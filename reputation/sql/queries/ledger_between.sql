-- The events of all people from one id (included) to another (not), in the order of ledger_of.sql.
SELECT user_id, id, event_type, coalesce(created_at, processed_at), coalesce(processed_at, created_at), group_id,
       description, impact_score, previous_score, new_score
FROM reputation_events
WHERE user_id >= %(first)s AND (%(end)s::uuid IS NULL OR user_id < %(end)s)
ORDER BY user_id, coalesce(processed_at, created_at), created_at, id
