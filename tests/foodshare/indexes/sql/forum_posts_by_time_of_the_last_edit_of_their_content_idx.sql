-- For the tests only: a long name, so that those of the partitions' indexes do not fit.
CREATE UNIQUE INDEX CONCURRENTLY forum_posts_by_time_of_the_last_edit_of_their_content_idx
ON forum_posts (edited_at, category, id, created_at);
