-- Members of a group by what they did there since a time: posts shared, and exchanges of these posts completed, on
-- either side. Equal ones share a rank. The first `most`, and the reader.
WITH post AS MATERIALIZED (
    SELECT id, author_id, status
    FROM food_posts
    WHERE group_id = %(group)s AND created_at > %(since)s AND status <> 'withdrawn'
),
deed AS (
    SELECT author_id AS user_id, 1 AS shared, 0 AS completed
    FROM post
  UNION ALL
    SELECT side.user_id, 0, 1
    FROM post
    CROSS JOIN LATERAL (
        SELECT recipient_id FROM exchanges WHERE food_id = post.id AND status = 'completed' LIMIT 1  -- has no second
    ) exchange
    CROSS JOIN LATERAL unnest(ARRAY[post.author_id, exchange.recipient_id]) AS side (user_id)
    WHERE post.status = 'completed'  -- as is every post of a completed exchange
),
total AS (
    SELECT user_id, sum(shared) AS shared, sum(completed) AS completed, sum(shared + completed) AS points
    FROM deed
    GROUP BY user_id
),
ranked AS (
    SELECT users.id, users.name, users.image, total.shared, total.completed,
           rank() OVER (ORDER BY points DESC) AS rank,
           row_number() OVER (ORDER BY points DESC, users.id) AS place
    FROM total
    JOIN group_memberships member ON member.group_id = %(group)s AND member.user_id = total.user_id
    JOIN users ON users.id = total.user_id
    WHERE member.state = 'active' AND users.is_active
)
SELECT id, name, image, shared, completed, rank, place
FROM ranked
WHERE place <= %(most)s OR id = %(reader)s
ORDER BY place
