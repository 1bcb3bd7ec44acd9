-- The search for ratings to reveal: those still hidden, few at any time, the oldest first.
CREATE INDEX CONCURRENTLY ratings_created_at_id_hidden_idx
ON ratings (created_at, id)
WHERE revealed_at IS NULL AND rater_id IS NOT NULL;
