ALTER TABLE community_groups
    DROP COLUMN claim_minutes_trusted,
    DROP COLUMN claim_minutes_others,
    DROP COLUMN claim_minutes_concerning;
