-- squawk-ignore-file require-concurrent-index-creation
-- Partitioned by week (ISO 8601: from Monday) from the start; without a default partition.
CREATE TABLE status_updates (
    id UUID NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT now(),
    author_id UUID NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    group_id UUID REFERENCES community_groups (id) DEFERRABLE INITIALLY DEFERRED,
    content VARCHAR(280) NOT NULL,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

CREATE INDEX status_updates_page_idx ON status_updates (created_at DESC, id DESC);
CREATE INDEX status_updates_author_idx ON status_updates (author_id, created_at DESC, id DESC);
CREATE INDEX status_updates_group_idx ON status_updates (group_id, created_at DESC, id DESC)
WHERE group_id IS NOT NULL;
