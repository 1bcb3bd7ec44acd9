-- The foreign key's own index.
CREATE INDEX CONCURRENTLY ratings_rater_id_idx
ON ratings (rater_id)
WHERE rater_id IS NOT NULL;
