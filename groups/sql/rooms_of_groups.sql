-- A first room for every group that has none.
INSERT INTO rooms (group_id, name)
SELECT id, 'General' FROM community_groups AS c
WHERE NOT EXISTS (SELECT FROM rooms AS r WHERE r.group_id = c.id);
