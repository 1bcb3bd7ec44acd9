-- Document A, step 1.
CREATE TABLE user_global_reputation (
    user_id UUID PRIMARY KEY REFERENCES users(id),
    overall_score DECIMAL(4,2) DEFAULT 75.00,
    trust_level VARCHAR(20) DEFAULT 'developing',
    total_food_shared INTEGER DEFAULT 0,
    total_food_claimed INTEGER DEFAULT 0,
    total_exchanges_completed INTEGER DEFAULT 0,
    total_groups_participated INTEGER DEFAULT 0,
    avg_food_rating DECIMAL(3,2) DEFAULT 0.00,
    avg_recipient_rating DECIMAL(3,2) DEFAULT 0.00,
    reliability_score DECIMAL(4,2) DEFAULT 75.00,
    reported_incidents INTEGER DEFAULT 0,
    resolved_disputes INTEGER DEFAULT 0,
    community_contributions INTEGER DEFAULT 0,
    account_age_days INTEGER DEFAULT 0,
    last_activity TIMESTAMP DEFAULT NOW(),
    reputation_updated_at TIMESTAMP DEFAULT NOW(),
    peak_reputation DECIMAL(4,2) DEFAULT 75.00,
    reputation_trend VARCHAR(10) DEFAULT 'stable',
    last_stream_event_id VARCHAR(100),
    stream_lag_seconds INTEGER DEFAULT 0,
    reputation_sync_status VARCHAR(20) DEFAULT 'synced'
);
