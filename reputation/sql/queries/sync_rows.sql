-- How the events of people are doing whose live rows are held, where that is not what the rows say.
UPDATE user_global_reputation AS kept
SET reputation_sync_status = told.status, stream_lag_seconds = told.lag
FROM (
    SELECT people.user_id,
        CASE WHEN bool_or(row.error <> '') THEN 'error' WHEN count(row.id) > 0 THEN 'processing' ELSE 'synced'
        END AS status,
        coalesce(greatest(extract(epoch FROM %(now)s::timestamp - min(row.created_at))::int, 0), 0) AS lag
    FROM unnest(%(people)s::uuid[]) AS people (user_id)
    LEFT JOIN outbox_events AS row ON row.user_id = people.user_id AND row.topic = %(topic)s
    GROUP BY people.user_id
) AS told
WHERE kept.user_id = told.user_id
  AND (kept.reputation_sync_status, kept.stream_lag_seconds) IS DISTINCT FROM (told.status, told.lag)
