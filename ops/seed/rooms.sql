-- Each group has a first room, as old as itself; rooms that a migration made are taken as they are, but for their
-- age. The busiest fifth of the groups open a second one.
CREATE TEMP TABLE seed_busy ON COMMIT DROP AS
SELECT g.n, g.id, g.created_at, count(*) AS members, percent_rank() OVER (ORDER BY count(*), g.n) >= 0.8 AS is_busy
FROM seed_groups g JOIN seed_memberships m ON m.group_no = g.n AND m.state = 'active'
GROUP BY g.n, g.id, g.created_at;

UPDATE rooms r SET created_at = b.created_at
FROM seed_busy b WHERE b.id = r.group_id AND r.name = 'General' AND r.created_at > b.created_at;

INSERT INTO rooms (id, group_id, name, created_at)
SELECT pg_temp.seed_id('room', b.n * 2 - 1, %(groups)s * 2), b.id, 'General', b.created_at
FROM seed_busy b
WHERE NOT EXISTS (SELECT FROM rooms r WHERE r.group_id = b.id AND r.name = 'General')
UNION ALL
SELECT pg_temp.seed_id('room', b.n * 2, %(groups)s * 2), b.id, pg_temp.choose('second room', b.n, %(second_rooms)s),
       b.created_at + (%(at)s - b.created_at) * 0.2
FROM seed_busy b
WHERE is_busy
ORDER BY 1
ON CONFLICT (id) DO NOTHING;
