-- For the tests only.
CREATE INDEX CONCURRENTLY messages_edited_at_idx
ON messages (edited_at) WHERE edited_at IS NOT NULL;
