-- The foreign key's own index.
CREATE INDEX CONCURRENTLY mode_transition_events_user_id_idx
ON mode_transition_events (user_id);
