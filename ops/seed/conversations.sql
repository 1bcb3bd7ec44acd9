-- Every third pair of friends talks apart; one person in thirty has a talk with a few friends at once.
CREATE TEMP TABLE seed_conversations AS
SELECT row_number() OVER (ORDER BY pair_no NULLS LAST, began, starter) AS no, *
FROM (
    SELECT no AS pair_no, asker AS starter, asked AS other, '' AS title,
           agreed + (%(at)s - agreed) * 0.9 * power(pg_temp.draw('writes first', no), 2) AS began
    FROM seed_pairs
    WHERE kind = 'FRIEND' AND pg_temp.draw('talks', no) < CASE WHEN is_hub THEN 0.05 ELSE 0.35 END
    UNION ALL
    SELECT NULL, asker, NULL, pg_temp.choose('talk', asker, %(talk_titles)s), max(agreed) + (%(at)s - max(agreed)) * 0.3
    FROM seed_pairs
    WHERE kind = 'FRIEND' AND NOT is_hub AND pg_temp.draw('gathers', asker) < 0.06
    GROUP BY asker HAVING count(*) BETWEEN 2 AND 7
) talks;
CREATE UNIQUE INDEX ON seed_conversations (no);

CREATE TEMP TABLE seed_participants AS
SELECT row_number() OVER (ORDER BY no, place, person_no) AS n, t.no, p.id AS person_id, t.began AS since
FROM (
    SELECT no, began, 1 AS place, starter AS person_no FROM seed_conversations
    UNION ALL SELECT no, began, 2, other FROM seed_conversations WHERE pair_no IS NOT NULL
    UNION ALL SELECT c.no, c.began, 2, f.asked
    FROM seed_conversations c JOIN seed_pairs f ON f.asker = c.starter AND f.kind = 'FRIEND' AND NOT f.is_hub
    WHERE pair_no IS NULL
) t
JOIN seed_people p ON p.n = person_no;
ANALYZE seed_conversations, seed_participants;
