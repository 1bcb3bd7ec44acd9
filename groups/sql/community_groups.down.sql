DROP TABLE community_groups;
