-- Lock people's live rows, always in the same order; when each last event was processed.
SELECT user_id, reputation_updated_at
FROM user_global_reputation
WHERE user_id = ANY(%(people)s)
ORDER BY user_id
FOR UPDATE
