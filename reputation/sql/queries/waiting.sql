-- How the events of these people are doing that are not applied yet: one set aside tells more than one that waits.
SELECT told.user_id, CASE WHEN found.is_bad THEN 'error' ELSE 'processing' END
FROM unnest(%(people)s::uuid[]) AS told (user_id)
CROSS JOIN LATERAL (
    SELECT bool_or(error <> '') AS is_bad
    FROM outbox_events
    WHERE user_id = told.user_id AND topic = %(topic)s
    HAVING count(*) > 0
) AS found
