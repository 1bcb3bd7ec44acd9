-- The rows of document A's query, which joins every community-mode user to every row and so grows with
-- users × posts, found by aggregating first: ratings per exchange, exchanges per post, posts per group.
-- `weight` is how often that join repeats each row. A quotient of numerics (and sums of sums are numeric) takes
-- its scale from the size of its operands, so that without it avg_rating would differ in its last digits.
CREATE MATERIALIZED VIEW group_activity_summary AS
SELECT
    g.id AS group_id,
    g.name AS group_name,
    g.group_type,
    community.members AS active_members,
    COALESCE(posted.posts, 0) AS food_posts_30d,
    posted.stars * community.weight / NULLIF(posted.ratings * community.weight, 0) AS avg_rating,
    COALESCE(posted.exchanges, 0) AS successful_exchanges_30d,
    posted.last_food_post
FROM community_groups g
CROSS JOIN (
    SELECT COUNT(*) AS members, GREATEST(COUNT(*), 1) AS weight
    FROM users
    WHERE sharing_mode = 'community'
) community
LEFT JOIN (
    SELECT
        fp.group_id,
        COUNT(*) AS posts,
        SUM(exchanged.exchanges)::BIGINT AS exchanges,
        SUM(exchanged.ratings) AS ratings,
        SUM(exchanged.stars) AS stars,
        MAX(fp.created_at) AS last_food_post
    FROM food_posts fp
    LEFT JOIN (
        SELECT
            e.food_id,
            COUNT(*) AS exchanges,
            SUM(rated.ratings) AS ratings,
            SUM(rated.stars) AS stars
        FROM exchanges e
        LEFT JOIN (
            SELECT exchange_id, COUNT(stars) AS ratings, SUM(stars) AS stars
            FROM ratings
            WHERE created_at > NOW() - INTERVAL '30 days'
            GROUP BY exchange_id
        ) rated ON rated.exchange_id = e.id
        WHERE e.status = 'completed' AND e.created_at > NOW() - INTERVAL '30 days'
        GROUP BY e.food_id
    ) exchanged ON exchanged.food_id = fp.id
    WHERE fp.group_id IS NOT NULL AND fp.created_at > NOW() - INTERVAL '30 days'
    GROUP BY fp.group_id
) posted ON posted.group_id = g.id;

-- A concurrent refresh needs a unique index.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX group_activity_summary_group_id_uniq ON group_activity_summary (group_id);
