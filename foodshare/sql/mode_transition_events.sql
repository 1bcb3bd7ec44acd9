-- Document A, step 1.
CREATE TABLE mode_transition_events (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID REFERENCES users(id),
    from_mode VARCHAR(20),
    to_mode VARCHAR(20),
    reason TEXT,
    stream_id VARCHAR(100),
    created_at TIMESTAMP DEFAULT NOW()
);
