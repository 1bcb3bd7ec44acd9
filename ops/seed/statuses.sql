-- The status updates of one week, in the order of time: more by who came early; a quarter of them into a group.
INSERT INTO :table (id, created_at, author_id, group_id, content)
SELECT pg_temp.seed_key(us, bits, bits & 65535), pg_temp.moment(us), author_id,
       CASE WHEN bits & 3 = 0 AND joined_at <= pg_temp.moment(us) THEN group_id END, line
FROM (
    SELECT s.n, t.us, c.id AS author_id, m.group_id, m.joined_at, l.line, pg_temp.bits('status', s.n) AS bits
    FROM (
        SELECT n, pg_temp.micros(%(from)s) + floor(pg_temp.micros(%(to)s) - pg_temp.micros(%(from)s) - 1)::bigint
                  * (n - %(base)s - pg_temp.draw('posted', n)) / %(total)s AS exact,
               1 + floor(people * power(pg_temp.draw('whose news', n), 2.5))::bigint AS rank,
               pg_temp.pick('news', n, %(status_lines)s) AS line_no
        FROM generate_series(%(base)s + 1, %(base)s + %(total)s) n
        CROSS JOIN (SELECT count(*) AS people FROM seed_citizens WHERE settled_at <= %(from)s) p
        OFFSET 0
    ) s
    CROSS JOIN LATERAL (SELECT floor(exact)::bigint AS us) t
    JOIN seed_citizens c ON c.rank = s.rank
    JOIN seed_cities city USING (city_no)
    JOIN seed_lines l ON l.kind = 'status' AND l.language = city.language AND l.no = s.line_no
    LEFT JOIN seed_first_groups m ON m.person_no = c.n
    ORDER BY s.n
) told;
