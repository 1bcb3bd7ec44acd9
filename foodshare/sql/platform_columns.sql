-- The platform's own columns on the four tables that came before it. Each has a default in the database,
-- so that another program's INSERT goes on working, and a constant one, so that no row is rewritten.
-- Constraints are NOT VALID here and validated in a migration of their own, without the strong lock.
--
-- All locks come first, children before what they refer to, as an INSERT takes them. Waiting for four times
-- 200 ms at most stays below deadlock_timeout (1 s), so that of a deadlock this is the victim, to be tried again,
-- and never a writer.
SET LOCAL lock_timeout = '200ms';
LOCK TABLE ratings, exchanges, food_posts, users IN ACCESS EXCLUSIVE MODE;

ALTER TABLE users
    ADD COLUMN password VARCHAR(128) NOT NULL DEFAULT '!',
    ADD COLUMN last_login TIMESTAMP,
    ADD COLUMN email VARCHAR(254),
    ADD COLUMN is_staff BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN is_superuser BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN building_id UUID,
    ADD COLUMN apartment VARCHAR(50) NOT NULL DEFAULT '',
    ADD CONSTRAINT users_building_id_fkey FOREIGN KEY (building_id) REFERENCES buildings (id) NOT VALID,
    ADD CONSTRAINT users_sharing_mode_check CHECK (sharing_mode IN ('neighborhood', 'community')) NOT VALID,
    ADD CONSTRAINT users_verification_level_check
        CHECK (verification_level IN ('full', 'light', 'pending')) NOT VALID,
    ADD CONSTRAINT users_email_lower_check CHECK (email = lower(email)) NOT VALID;

ALTER TABLE food_posts
    ADD COLUMN sharing_mode VARCHAR(20) NOT NULL DEFAULT 'community',
    ADD COLUMN neighborhood_id UUID,
    ADD COLUMN building_id UUID,
    ADD COLUMN description TEXT NOT NULL DEFAULT '',
    ADD COLUMN category VARCHAR(20) NOT NULL DEFAULT 'other',
    ADD COLUMN quantity VARCHAR(100) NOT NULL DEFAULT '',
    ADD COLUMN allergens VARCHAR(20)[] NOT NULL DEFAULT '{}',
    ADD COLUMN dietary_tags VARCHAR(20)[] NOT NULL DEFAULT '{}',
    ADD COLUMN best_before DATE,
    ADD COLUMN handover_notes TEXT NOT NULL DEFAULT '',
    ADD CONSTRAINT food_posts_neighborhood_id_fkey
        FOREIGN KEY (neighborhood_id) REFERENCES neighborhoods (id) NOT VALID,
    ADD CONSTRAINT food_posts_building_id_fkey FOREIGN KEY (building_id) REFERENCES buildings (id) NOT VALID,
    ADD CONSTRAINT food_posts_status_check
        CHECK (status IN ('available', 'claimed', 'completed', 'withdrawn', 'expired')) NOT VALID,
    ADD CONSTRAINT food_posts_sharing_mode_check CHECK (sharing_mode IN ('neighborhood', 'community')) NOT VALID;

ALTER TABLE exchanges
    ADD COLUMN recipient_confirmed_at TIMESTAMP,
    ADD COLUMN giver_confirmed_at TIMESTAMP,
    ADD COLUMN completed_at TIMESTAMP,
    ADD COLUMN cancelled_at TIMESTAMP,
    ADD COLUMN cancelled_by_id UUID,
    ADD COLUMN cancel_reason TEXT NOT NULL DEFAULT '',
    ADD COLUMN disputed_at TIMESTAMP,
    ADD COLUMN disputed_by_id UUID,
    ADD COLUMN dispute_reason TEXT NOT NULL DEFAULT '',
    ADD COLUMN resolved_at TIMESTAMP,
    ADD COLUMN resolved_by_id UUID,
    ADD COLUMN resolution TEXT NOT NULL DEFAULT '',
    ADD CONSTRAINT exchanges_cancelled_by_id_fkey FOREIGN KEY (cancelled_by_id) REFERENCES users (id) NOT VALID,
    ADD CONSTRAINT exchanges_disputed_by_id_fkey FOREIGN KEY (disputed_by_id) REFERENCES users (id) NOT VALID,
    ADD CONSTRAINT exchanges_resolved_by_id_fkey FOREIGN KEY (resolved_by_id) REFERENCES users (id) NOT VALID,
    ADD CONSTRAINT exchanges_status_check
        CHECK (status IN ('pending', 'confirmed', 'completed', 'cancelled', 'disputed')) NOT VALID;

ALTER TABLE ratings
    ADD COLUMN rater_id UUID,
    ADD COLUMN comment TEXT NOT NULL DEFAULT '',
    ADD COLUMN updated_at TIMESTAMP,
    ADD CONSTRAINT ratings_rater_id_fkey FOREIGN KEY (rater_id) REFERENCES users (id) NOT VALID,
    ADD CONSTRAINT ratings_stars_check CHECK (stars BETWEEN 1 AND 5) NOT VALID;
