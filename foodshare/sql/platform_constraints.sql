-- Reads the rows under a lock that lets writers go on.
ALTER TABLE users VALIDATE CONSTRAINT users_building_id_fkey;
ALTER TABLE users VALIDATE CONSTRAINT users_sharing_mode_check;
ALTER TABLE users VALIDATE CONSTRAINT users_verification_level_check;
ALTER TABLE users VALIDATE CONSTRAINT users_email_lower_check;
ALTER TABLE food_posts VALIDATE CONSTRAINT food_posts_neighborhood_id_fkey;
ALTER TABLE food_posts VALIDATE CONSTRAINT food_posts_building_id_fkey;
ALTER TABLE food_posts VALIDATE CONSTRAINT food_posts_status_check;
ALTER TABLE food_posts VALIDATE CONSTRAINT food_posts_sharing_mode_check;
ALTER TABLE exchanges VALIDATE CONSTRAINT exchanges_cancelled_by_id_fkey;
ALTER TABLE exchanges VALIDATE CONSTRAINT exchanges_disputed_by_id_fkey;
ALTER TABLE exchanges VALIDATE CONSTRAINT exchanges_resolved_by_id_fkey;
ALTER TABLE exchanges VALIDATE CONSTRAINT exchanges_status_check;
ALTER TABLE ratings VALIDATE CONSTRAINT ratings_rater_id_fkey;
ALTER TABLE ratings VALIDATE CONSTRAINT ratings_stars_check;
