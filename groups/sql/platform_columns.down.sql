ALTER TABLE community_groups
    DROP COLUMN description,
    DROP COLUMN city,
    DROP COLUMN member_count,
    DROP CONSTRAINT community_groups_group_type_check;
