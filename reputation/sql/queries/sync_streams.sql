-- Since when events wait that are not set aside, by topic and person.
SELECT topic, user_id, min(created_at)
FROM outbox_events
WHERE error = '' AND topic = ANY(%(topics)s)
GROUP BY topic, user_id
