-- Posts of a thread, and the replies below them level by level: of each post the first `width`, of all at most `room`.
-- A reply is no older than what it replies to: so no partition before that is looked into, nor one after `last`.
-- Every look-up ends with a LIMIT, so that whatever the planner believes, its cost is bounded by the posts shown.
WITH RECURSIVE tree (id, created_at, parent_id, level, place, room, is_shown) AS (
    SELECT id, created_at, NULL::uuid, %(depth)s::int, place, %(room)s::bigint, true
    FROM unnest(%(roots)s::uuid[], %(times)s::timestamp[]) WITH ORDINALITY AS root (id, created_at, place)
  UNION ALL
    SELECT id, created_at, parent_id, level, place,
           greatest(room - count(*) FILTER (WHERE number <= %(width)s) OVER (), 0),
           number <= %(width)s AND count(*) FILTER (WHERE number <= %(width)s) OVER (ORDER BY place) <= room
    FROM (
        SELECT child.id, child.created_at, tree.id AS parent_id, tree.level + 1 AS level, tree.room, child.number,
               row_number() OVER (ORDER BY tree.place, child.number) AS place
        FROM tree
        CROSS JOIN LATERAL (
            SELECT post.id, post.created_at, row_number() OVER (ORDER BY post.created_at, post.id) AS number
            FROM forum_posts post
            WHERE post.category = %(category)s AND post.thread_id = %(thread)s AND post.parent_id = tree.id
              AND post.created_at BETWEEN %(first)s AND %(last)s AND post.created_at >= tree.created_at
            ORDER BY post.created_at, post.id
            LIMIT least(%(width)s, tree.room) + 1  -- one more tells that there are more
        ) child
        WHERE tree.is_shown AND tree.level < %(deepest)s
    ) candidate
)
SELECT post.*, tree.id IN (SELECT parent_id FROM tree WHERE NOT is_shown) AS more_replies
FROM tree
CROSS JOIN LATERAL (
    SELECT post.*, users.name AS author_name, users.image AS author_image
    FROM forum_posts post
    JOIN users ON users.id = post.author_id
    WHERE post.category = %(category)s AND post.id = tree.id AND post.created_at = tree.created_at
      AND post.created_at BETWEEN %(first)s AND %(last)s
    LIMIT 1
) post
WHERE tree.is_shown
ORDER BY tree.level, tree.place
