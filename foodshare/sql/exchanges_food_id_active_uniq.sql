-- One exchange a post, whatever races and whatever a writer forgets; a disputed one still holds its post.
CREATE UNIQUE INDEX CONCURRENTLY exchanges_food_id_active_uniq
ON exchanges (food_id)
WHERE status <> 'cancelled';
