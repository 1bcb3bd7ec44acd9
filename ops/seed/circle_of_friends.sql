-- Who asks whom: a few people of their city each; and a few people know everybody. One row for a pair, with what they
-- are to each other; `no` counts them.
CREATE TEMP TABLE seed_citizens AS
SELECT
    n, id, city_no, settled_at, row_number() OVER (ORDER BY settled_at, n) AS rank,
    row_number() OVER (PARTITION BY city_no ORDER BY n) AS place, count(*) OVER (PARTITION BY city_no) AS neighbors
FROM seed_people
WHERE is_active AND settled_at IS NOT NULL;
CREATE UNIQUE INDEX ON seed_citizens (rank);
CREATE UNIQUE INDEX ON seed_citizens (n);
CREATE INDEX ON seed_citizens (settled_at);
ANALYZE seed_citizens;

CREATE TEMP TABLE seed_pairs AS
SELECT
    row_number() OVER (ORDER BY pair.asker, pair.asked) AS no, pair.asker, pair.asked, a.id AS asker_id,
    b.id AS asked_id, is_hub, kind, began, began + least((%(at)s - began) * 0.5, interval '3 days')
                                           * pg_temp.draw('answers', pair.asker * 4294967296 + pair.asked) AS agreed
FROM (
    SELECT DISTINCT ON (least(asker, asked), greatest(asker, asked)) *
    FROM (
        SELECT c.n AS asker, other.n AS asked, false AS is_hub
        FROM seed_citizens c
        CROSS JOIN LATERAL generate_series(1, floor(9 * power(pg_temp.draw('asks', c.n), 2))::int) k
        JOIN seed_citizens other ON other.city_no = c.city_no AND other.place = pg_temp.pick('asked', c.n * 16 + k, c.neighbors)
        UNION ALL
        SELECT c.n, other.n, true
        FROM unnest(%(hubs)s::int[]) WITH ORDINALITY h (friends, no)
        JOIN seed_citizens c ON c.rank = h.no * 7
        CROSS JOIN LATERAL generate_series(1, friends) k
        JOIN seed_citizens other ON other.rank = pg_temp.pick('known to ' || h.no, k, (SELECT count(*) FROM seed_citizens))
    ) wishes
    WHERE asker <> asked
    ORDER BY least(asker, asked), greatest(asker, asked), is_hub DESC, asker
) pair
JOIN seed_citizens a ON a.n = asker
JOIN seed_citizens b ON b.n = asked
CROSS JOIN LATERAL (SELECT greatest(a.settled_at, b.settled_at) AS met) m
CROSS JOIN LATERAL (SELECT met + (%(at)s - met) * power(pg_temp.draw('befriends', asker * 4294967296 + asked), 2) AS began) t
CROSS JOIN LATERAL (SELECT pg_temp.draw('kind', asker * 4294967296 + asked) AS u) d
CROSS JOIN LATERAL (SELECT CASE WHEN is_hub THEN 'FRIEND' WHEN u < 0.005 THEN 'BLOCK' WHEN u < 0.04 THEN 'FOLLOW'
                                WHEN u < 0.10 THEN 'PENDING' ELSE 'FRIEND' END AS kind) k;
CREATE UNIQUE INDEX ON seed_pairs (no);
ANALYZE seed_pairs;
