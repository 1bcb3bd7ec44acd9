-- What document A takes as given; group_id refers to community_groups once that table exists.
CREATE TABLE food_posts (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    group_id UUID,
    status VARCHAR(20) NOT NULL DEFAULT 'available',
    pickup_time TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT NOW(),
    title VARCHAR(255) NOT NULL,
    author_id UUID NOT NULL REFERENCES users(id)
);
