-- The next people of whom events wait, or whose live rows say that some do, or that the last one did.
(
    SELECT user_id
    FROM outbox_events
    WHERE topic = %(topic)s AND created_at <= %(before)s AND user_id > %(after)s
    GROUP BY user_id
    ORDER BY user_id
    LIMIT %(most)s
) UNION (
    SELECT user_id
    FROM user_global_reputation
    WHERE (reputation_sync_status <> 'synced' OR stream_lag_seconds <> 0) AND user_id > %(after)s
    ORDER BY user_id
    LIMIT %(most)s
)
ORDER BY user_id
LIMIT %(most)s
