-- Whom a person blocks, however many friends and followers there are besides.
CREATE INDEX CONCURRENTLY relationships_blocks_from_idx
ON relationships (from_user_id, to_user_id)
WHERE type = 'BLOCK';
