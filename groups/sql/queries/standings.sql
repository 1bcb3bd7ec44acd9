-- Of each place (a room or a conversation) with a message: its newest one, which is of the time that the place keeps, and
-- how many another person wrote after the place's point in time; of those that follow it only the newest `most` are
-- looked at. All of it lies from `first` to `last`, so that no other partition is planned for.
SELECT place.id, newest.id AS newest_id, newest.created_at, newest.type, newest.content, newest.deleted_at,
       newest.sender_id, sender.name, later.looked_at, later.unread
FROM unnest(%(places)s::uuid[], %(keys)s::uuid[], %(times)s::timestamp[], %(newest)s::timestamp[])
     AS place (id, read_key, read_at, newest_at)
LEFT JOIN LATERAL (
    SELECT m.id, m.created_at, m.type, m.content, m.deleted_at, m.sender_id
    FROM messages AS m
    WHERE m.{column} = place.id AND m.created_at = place.newest_at AND m.created_at BETWEEN %(first)s AND %(last)s
    ORDER BY m.created_at DESC, m.id DESC
    LIMIT 1
) AS newest ON true
LEFT JOIN users AS sender ON sender.id = newest.sender_id
CROSS JOIN LATERAL (
    SELECT count(*) AS looked_at, count(*) FILTER (WHERE sender_id <> %(reader)s AND deleted_at IS NULL) AS unread
    FROM (
        SELECT m.sender_id, m.deleted_at
        FROM messages AS m
        WHERE m.{column} = place.id AND (m.created_at, m.id) > (place.read_at, place.read_key)
              AND m.created_at BETWEEN place.read_at AND place.newest_at AND m.created_at BETWEEN %(first)s AND %(last)s
        ORDER BY m.created_at DESC, m.id DESC
        LIMIT %(most)s
    ) AS looked
) AS later
