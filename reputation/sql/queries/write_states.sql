-- The memos of people, made where they are missing.
INSERT INTO reputation_states (user_id, state, decay_due_at)
SELECT user_id, state, decay_due_at
FROM json_populate_recordset(NULL::reputation_states, %(rows)s::json)
ORDER BY user_id
ON CONFLICT (user_id) DO UPDATE SET state = EXCLUDED.state, decay_due_at = EXCLUDED.decay_due_at
