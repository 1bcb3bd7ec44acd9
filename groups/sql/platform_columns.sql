-- The platform's own columns of a group. Both locks come first and within deadlock_timeout (1 s), as every INSERT
-- into food_posts looks at this table too, while the memberships that follow refer to users.
SET LOCAL lock_timeout = '200ms';
LOCK TABLE community_groups IN ACCESS EXCLUSIVE MODE;
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;

-- No group was there before this release: the checks have next to nothing to read.
ALTER TABLE community_groups
    ADD COLUMN description TEXT NOT NULL DEFAULT '',
    ADD COLUMN city VARCHAR(100) NOT NULL DEFAULT '',
    ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0,
    -- squawk-ignore constraint-missing-not-valid
    ADD CONSTRAINT community_groups_group_type_check CHECK (group_type IN ('neighborhood', 'community')),
    -- squawk-ignore constraint-missing-not-valid
    ADD CONSTRAINT community_groups_member_count_check CHECK (member_count >= 0);
