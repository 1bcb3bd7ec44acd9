-- The nightly search for rings of people who rate each other, among the ratings of the last months.
CREATE INDEX CONCURRENTLY ratings_revealed_at_idx
ON ratings (revealed_at)
WHERE revealed_at IS NOT NULL;
