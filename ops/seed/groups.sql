INSERT INTO community_groups
    (id, telegram_group_id, name, group_type, verification_required, admin_user_id, created_at, description, city, member_count,
     claim_minutes_trusted, claim_minutes_others, claim_minutes_concerning)
SELECT
    g.id, CASE WHEN pg_temp.draw('telegram', g.n) < 0.7
               THEN -1000000000000 - mod(%(salt)s::bigint, 90000) * 100000 - g.n END,
    g.name, g.group_type, g.verification_required, p.id, g.created_at,
    CASE g.group_type WHEN 'community' THEN 'We rescue food all over ' || g.city || '. Be on time, be kind.'
                      ELSE 'For the people next door.' END,
    g.city, m.members, d.trusted, d.others, d.concerning
FROM seed_groups g
JOIN seed_people p ON p.n = g.admin_no
JOIN (SELECT group_no, count(*) AS members FROM seed_memberships WHERE state = 'active' GROUP BY group_no) m
    ON m.group_no = g.n
-- In the demo's busiest group trusted people go first.
JOIN (VALUES (true, 2, 5, 30), (false, 0, 0, 0)) d (are_on, trusted, others, concerning)
    ON d.are_on = (g.n = 1 AND %(is_demo)s)
ORDER BY g.n;

INSERT INTO group_memberships (id, group_id, user_id, role, state, created_at)
SELECT pg_temp.seed_id('membership', m.n, %(users)s * 5 + %(groups)s), g.id, p.id, m.role, m.state, m.joined_at
FROM seed_memberships m
JOIN seed_groups g ON g.n = m.group_no
JOIN seed_people p ON p.n = m.person_no
ORDER BY m.n;
