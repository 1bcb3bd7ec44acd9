-- Keyset pages, newest first of what a person receives.
CREATE INDEX CONCURRENTLY exchanges_recipient_id_created_at_id_idx
ON exchanges (recipient_id, created_at DESC, id DESC);
