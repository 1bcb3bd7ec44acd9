-- Of the rows that come next in time, at most so many, those by the reader and the reader's friends. They are met in
-- the feed's order, so reading ends with the page. OR keeps the friends a hashed list: as a join they would cost the
-- order.
SELECT s.id, s.created_at, s.content, s.group_id, s.author_id, u.name AS author_name, u.image AS author_image
FROM (
    SELECT next.*
    FROM (
        SELECT * FROM status_updates
        WHERE (created_at, id) {compare} (%(time)s, %(key)s) AND created_at >= %(low)s AND created_at < %(high)s
        ORDER BY created_at {order}, id {order}
        LIMIT %(walked)s
    ) next
    WHERE author_id = %(reader)s OR author_id IN (
        SELECT to_user_id FROM relationships
        WHERE from_user_id = %(reader)s AND type = 'FRIEND' AND status = 'ACCEPTED'
            AND to_user_id NOT IN (SELECT to_user_id FROM relationships
                                   WHERE from_user_id = %(reader)s AND type = 'BLOCK'
                                   UNION ALL SELECT from_user_id FROM relationships
                                   WHERE to_user_id = %(reader)s AND type = 'BLOCK'))
    ORDER BY created_at {order}, id {order}
    LIMIT %(number)s
) s JOIN users u ON u.id = s.author_id
ORDER BY s.created_at {order}, s.id {order};
