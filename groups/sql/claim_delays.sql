-- For how many minutes a fresh post waits for whom. Off by default, and a constant, so that no row is rewritten.
ALTER TABLE community_groups
    ADD COLUMN claim_minutes_trusted SMALLINT NOT NULL DEFAULT 0,
    ADD COLUMN claim_minutes_others SMALLINT NOT NULL DEFAULT 0,
    ADD COLUMN claim_minutes_concerning SMALLINT NOT NULL DEFAULT 0,
    -- There are some thousands of groups, read in a moment.
    -- squawk-ignore constraint-missing-not-valid
    ADD CONSTRAINT community_groups_claim_minutes_check CHECK (
        claim_minutes_concerning BETWEEN 0 AND 1440
        AND claim_minutes_others BETWEEN 0 AND 1440
        AND claim_minutes_trusted BETWEEN 0 AND 1440
    ),
    -- squawk-ignore constraint-missing-not-valid
    ADD CONSTRAINT community_groups_claim_ladder_check CHECK (
        claim_minutes_others <= claim_minutes_concerning
        AND claim_minutes_trusted <= claim_minutes_others
    );
