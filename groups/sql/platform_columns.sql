-- The platform's own columns of a group.
ALTER TABLE community_groups
    ADD COLUMN description TEXT NOT NULL DEFAULT '',
    ADD COLUMN city VARCHAR(100) NOT NULL DEFAULT '',
    ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0,
    ADD CONSTRAINT community_groups_group_type_check CHECK (group_type IN ('neighborhood', 'community')),
    ADD CONSTRAINT community_groups_member_count_check CHECK (member_count >= 0);
