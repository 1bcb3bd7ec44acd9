-- Keeps when people were last seen, of those who are still there. In key order, so that two who do so never deadlock;
-- what is known already is left alone.
INSERT INTO user_activity (user_id, last_seen_at)
SELECT users.id, seen.at
FROM unnest(%(people)s::uuid[], %(moments)s::timestamp[]) AS seen (id, at)
JOIN users ON users.id = seen.id
LEFT JOIN user_activity AS known ON known.user_id = seen.id
WHERE known.last_seen_at IS NULL OR known.last_seen_at < seen.at
ORDER BY users.id
ON CONFLICT (user_id) DO UPDATE SET last_seen_at = greatest(user_activity.last_seen_at, excluded.last_seen_at)
