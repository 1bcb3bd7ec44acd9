-- The events of some people, each person's in the order in which they were applied.
SELECT user_id, id, event_type, coalesce(created_at, processed_at), coalesce(processed_at, created_at), group_id,
       description, impact_score, previous_score, new_score
FROM reputation_events
WHERE user_id = ANY (%s)
ORDER BY user_id, coalesce(processed_at, created_at), created_at, id
