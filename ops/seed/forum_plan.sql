-- Threads in the order in which they were begun, each with how many posts it has: a few are long, and most are short.
-- The numbers of posts are apportioned so that they add up. The posts of a thread come quickly first, then slower.
CREATE TEMP TABLE seed_threads AS
WITH drawn AS (
    SELECT
        no, %(from)s + (%(at)s - %(from)s - interval '1 day') * power((no - pg_temp.draw('begun', no)) / %(threads)s, 0.7)
            AS created_at,
        pg_temp.draw('subject', no) AS subject,
        1 / (1.5 + floor(%(threads)s * power(pg_temp.draw('rank', no), 1.3))) + 12.0 / %(threads)s AS weight
    FROM generate_series(1, %(threads)s) no
), shared AS (
    SELECT *, sum(weight) OVER (ORDER BY no) / sum(weight) OVER () AS until_here FROM drawn
), counted AS (
    SELECT *, 1 + (round(until_here * (%(forum_posts)s - %(threads)s))
                   - round(coalesce(lag(until_here) OVER (ORDER BY no), 0) * (%(forum_posts)s - %(threads)s)))::bigint AS posts
    FROM shared
)
SELECT t.no, pg_temp.seed_id('thread', t.no, %(threads)s) AS id, c.id AS category, t.posts,
       pg_temp.micros(t.created_at) AS begins_us,
       least(pg_temp.micros(%(at)s) - pg_temp.micros(t.created_at) - 1000000,
             floor(86400000000 * (1 + 60 * power(pg_temp.draw('lives', t.no), 3)))::bigint)
           AS lasts_us,
       (SELECT rank FROM seed_citizens WHERE settled_at <= t.created_at ORDER BY settled_at DESC LIMIT 1) AS people
FROM counted t
JOIN seed_categories c ON t.subject >= c.above AND t.subject < c.below;
CREATE UNIQUE INDEX ON seed_threads (no);

CREATE TEMP TABLE seed_forum_posts AS
SELECT
    first_n + k AS n, p.no, p.category, k, p.posts, p.people, tree.depth, first_n + k - s.place + tree.parent AS parent_n,
    begins_us + CASE k WHEN 0 THEN 0 ELSE
        floor(lasts_us * power((k + 0.9 * (pg_temp.draw('answered', first_n + k) - 0.9)) / posts, 2))::bigint + k END AS us
FROM (
    SELECT *, (sum(posts) OVER (ORDER BY no))::bigint - posts + 1 AS first_n FROM seed_threads
) p
CROSS JOIN LATERAL generate_series(0, posts - 1) k
CROSS JOIN LATERAL (SELECT CASE k WHEN 0 THEN 0 ELSE (k - 1) %% 9 END AS place,
                           pg_temp.pick('tree', first_n + (k - 1) / 9, %(trees)s) - 1 AS tree) s
LEFT JOIN seed_trees tree ON tree.tree = s.tree AND tree.place = s.place AND k > 0;

CREATE TEMP TABLE seed_replies AS
SELECT parent_n AS n, count(*)::integer AS replies FROM seed_forum_posts WHERE parent_n IS NOT NULL GROUP BY parent_n;
CREATE UNIQUE INDEX ON seed_replies (n);
