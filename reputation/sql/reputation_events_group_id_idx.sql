-- The foreign key's own index.
CREATE INDEX CONCURRENTLY reputation_events_group_id_idx
ON reputation_events (group_id)
WHERE group_id IS NOT NULL;
