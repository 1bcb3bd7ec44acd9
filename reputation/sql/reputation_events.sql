-- Document A, step 1.
CREATE TABLE reputation_events (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID REFERENCES users(id),
    event_type VARCHAR(50) NOT NULL,
    impact_score DECIMAL(5,2) NOT NULL,
    previous_score DECIMAL(4,2) NOT NULL,
    new_score DECIMAL(4,2) NOT NULL,
    group_id UUID REFERENCES community_groups(id) NULL,
    related_exchange_id UUID NULL,
    description TEXT,
    stream_id VARCHAR(100),
    stream_partition INTEGER,
    processed_at TIMESTAMP,
    created_at TIMESTAMP DEFAULT NOW()
);
