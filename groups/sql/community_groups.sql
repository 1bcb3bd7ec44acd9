-- Document A, step 1.
CREATE TABLE community_groups (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    telegram_group_id BIGINT UNIQUE,
    name VARCHAR(255) NOT NULL,
    group_type VARCHAR(20) NOT NULL, -- 'neighborhood' or 'community'
    verification_required BOOLEAN DEFAULT false,
    admin_user_id UUID REFERENCES users(id),
    created_at TIMESTAMP DEFAULT NOW()
);
