-- Each side rates once.
CREATE UNIQUE INDEX CONCURRENTLY ratings_exchange_id_rater_id_uniq
ON ratings (exchange_id, rater_id);
