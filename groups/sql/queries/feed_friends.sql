-- The rows by the reader and the reader's friends within a stretch of time: the next few of each person, by index
-- alone, and of all those the next few.
SELECT s.id, s.created_at, s.content, s.group_id, s.author_id, u.name AS author_name, u.image AS author_image
FROM (
    SELECT next.*
    FROM (
        SELECT %(reader)s AS id
        UNION ALL
        SELECT to_user_id FROM relationships
        WHERE from_user_id = %(reader)s AND type = 'FRIEND' AND status = 'ACCEPTED'
            AND to_user_id NOT IN (SELECT to_user_id FROM relationships
                                   WHERE from_user_id = %(reader)s AND type = 'BLOCK'
                                   UNION ALL SELECT from_user_id FROM relationships
                                   WHERE to_user_id = %(reader)s AND type = 'BLOCK')
    ) author CROSS JOIN LATERAL (
        SELECT created_at, id FROM status_updates
        WHERE author_id = author.id
            AND (created_at, id) {compare} (%(time)s, %(key)s) AND created_at >= %(low)s AND created_at < %(high)s
        ORDER BY created_at {order}, id {order}
        LIMIT %(number)s
    ) next
    ORDER BY created_at {order}, id {order}
    LIMIT %(number)s
) page
JOIN status_updates s ON s.id = page.id AND s.created_at = page.created_at
    AND s.created_at >= %(low)s AND s.created_at < %(high)s
JOIN users u ON u.id = s.author_id
ORDER BY s.created_at {order}, s.id {order};
