-- By whom a person is blocked.
CREATE INDEX CONCURRENTLY relationships_blocks_to_idx
ON relationships (to_user_id, from_user_id)
WHERE type = 'BLOCK';
