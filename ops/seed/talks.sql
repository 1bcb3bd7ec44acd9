-- Wherever people write to each other, from when two are there until it ends, and who may write there since when.
-- `weight` is compared within a class: the largest group's first room is one of its own.
CREATE TEMP TABLE seed_speakers AS
SELECT r.id AS place_id, p.id AS person_id, c.language, greatest(m.joined_at, r.created_at) AS since,
       row_number() OVER (PARTITION BY r.id ORDER BY greatest(m.joined_at, r.created_at), m.person_no) AS rank
FROM seed_memberships m
JOIN seed_people p ON p.n = m.person_no
JOIN seed_cities c USING (city_no)
JOIN seed_groups g ON g.n = m.group_no
JOIN rooms r ON r.group_id = g.id
WHERE m.state = 'active' AND r.id IN (
    SELECT pg_temp.seed_id('room', n, %(groups)s * 2) FROM generate_series(1, %(groups)s * 2) n
    UNION ALL SELECT first.id FROM seed_groups g2 CROSS JOIN LATERAL (
        SELECT id FROM rooms WHERE group_id = g2.id AND name = 'General' ORDER BY created_at, id LIMIT 1) first)
UNION ALL
SELECT pg_temp.seed_id('conversation', t.no, %(users)s * 8), t.person_id, c.language, t.since,
       row_number() OVER (PARTITION BY t.no ORDER BY t.n)
FROM seed_participants t
JOIN seed_people p ON p.id = t.person_id
JOIN seed_cities c USING (city_no);

CREATE TEMP TABLE seed_talks AS
SELECT row_number() OVER (ORDER BY class, talk_no) AS no, *
FROM (
    SELECT CASE WHEN r.name = 'General' AND row_number() OVER (PARTITION BY r.name ORDER BY s.members DESC, g.n) = 1
                THEN 'largest' ELSE 'room' END AS class,
           g.n * 2 + (r.name <> 'General')::int AS talk_no, r.id AS room_id, NULL::uuid AS conversation_id,
           s.since, 'infinity'::timestamp AS until,
           power(s.members, 1.1) * (0.05 + pg_temp.draw('chatty', g.n * 2 + (r.name <> 'General')::int)) AS weight
    FROM seed_groups g
    JOIN rooms r ON r.group_id = g.id
    JOIN (SELECT place_id, count(*) AS members, max(since) FILTER (WHERE rank = 2) AS since FROM seed_speakers GROUP BY place_id) s
        ON s.place_id = r.id
    WHERE members > 1
    UNION ALL
    SELECT 'conversation', no, NULL, pg_temp.seed_id('conversation', no, %(users)s * 8),
           began, began + interval '2 days' + interval '400 days' * power(pg_temp.draw('lasts', no), 3),
           0.1 + power(pg_temp.draw('close', no), 4)
    FROM seed_conversations
) talks;
ALTER TABLE seed_speakers ADD talk_no bigint;
UPDATE seed_speakers s SET talk_no = t.no FROM seed_talks t WHERE s.place_id = coalesce(t.room_id, t.conversation_id);
CREATE UNIQUE INDEX ON seed_speakers (talk_no, rank);
ANALYZE seed_talks, seed_speakers;
