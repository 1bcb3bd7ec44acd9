-- Up to `last`, what waits to be applied of each person; with events of nobody, by their ids. OFFSET keeps the look-up by
-- person, whatever the planner believes of a table that grows and empties.
SELECT due.id, told.user_id
FROM unnest(%(people)s::uuid[], %(last)s::bigint[]) AS told (user_id, last)
CROSS JOIN LATERAL (
    SELECT id
    FROM outbox_events
    WHERE user_id = told.user_id AND id <= told.last AND topic = %(topic)s AND error = ''
    OFFSET 0
) AS due
UNION ALL
SELECT id, NULL
FROM outbox_events
WHERE id = ANY(%(of_nobody)s::bigint[]) AND topic = %(topic)s AND error = ''
ORDER BY user_id, id
