-- squawk-ignore-file require-concurrent-index-creation
-- Partitioned by category, each category by month; without default partitions. The category needs no key of its
-- own: a post of an unknown one has no partition, and the thread's key holds the thread to the same category.
CREATE TABLE forum_posts (
    id UUID NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT now(),
    category SMALLINT NOT NULL,
    thread_id UUID NOT NULL,
    author_id UUID NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    parent_id UUID,
    depth SMALLINT NOT NULL DEFAULT 0,
    reply_count INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL,
    edited_at TIMESTAMP,
    deleted_at TIMESTAMP,
    PRIMARY KEY (id, category, created_at),
    FOREIGN KEY (thread_id, category) REFERENCES forum_threads (id, category) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT forum_posts_depth_check CHECK (depth >= 0)
) PARTITION BY LIST (category);

CREATE INDEX forum_posts_tree_idx ON forum_posts (thread_id, category, parent_id, created_at, id);
CREATE INDEX forum_posts_author_idx ON forum_posts (author_id, created_at DESC, id DESC);
CREATE INDEX forum_posts_created_at_id_idx ON forum_posts (created_at, id);
