-- The first group that each person joined.
CREATE TEMP TABLE seed_first_groups AS
SELECT DISTINCT ON (m.person_no) m.person_no, g.id AS group_id, m.joined_at
FROM seed_memberships m
JOIN seed_groups g ON g.n = m.group_no
WHERE m.state = 'active'
ORDER BY m.person_no, m.joined_at, m.group_no;
ANALYZE seed_first_groups;
