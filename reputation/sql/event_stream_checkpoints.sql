-- Document A, step 1.
CREATE TABLE event_stream_checkpoints (
    consumer_group VARCHAR(100) NOT NULL,
    stream_name VARCHAR(100) NOT NULL,
    last_processed_id VARCHAR(50) NOT NULL,
    processed_at TIMESTAMP DEFAULT NOW(),
    lag_seconds INTEGER DEFAULT 0,
    PRIMARY KEY (consumer_group, stream_name)
);
