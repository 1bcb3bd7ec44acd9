-- squawk-ignore-file require-concurrent-index-creation
-- Partitioned by month from the start; without a default partition, which would stand in the way of detaching one.
CREATE TABLE messages (
    id UUID NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT now(),
    room_id UUID REFERENCES rooms (id) DEFERRABLE INITIALLY DEFERRED,
    conversation_id UUID REFERENCES conversations (id) DEFERRABLE INITIALLY DEFERRED,
    sender_id UUID NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
    type VARCHAR(20) NOT NULL DEFAULT 'TEXT',
    content TEXT NOT NULL,
    edited_at TIMESTAMP,
    deleted_at TIMESTAMP,
    PRIMARY KEY (id, created_at),
    CONSTRAINT messages_type_check CHECK (type IN ('TEXT', 'IMAGE', 'SYSTEM')),
    CONSTRAINT messages_place_check CHECK ((conversation_id IS NULL AND room_id IS NOT NULL)
                                           OR (conversation_id IS NOT NULL AND room_id IS NULL))
) PARTITION BY RANGE (created_at);

CREATE INDEX idx_messages_room_id ON messages (room_id);
CREATE INDEX idx_messages_sender_id ON messages (sender_id);
CREATE INDEX idx_messages_created_at_brin ON messages USING brin (created_at);
CREATE INDEX messages_created_at_id_idx ON messages (created_at, id);
CREATE INDEX messages_room_page_idx ON messages (room_id, created_at DESC, id DESC) WHERE room_id IS NOT NULL;
CREATE INDEX messages_conversation_page_idx ON messages (conversation_id, created_at DESC, id DESC)
WHERE conversation_id IS NOT NULL;
