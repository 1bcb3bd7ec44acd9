-- The moderators' list of disputes.
CREATE INDEX CONCURRENTLY exchanges_created_at_id_disputed_idx
ON exchanges (created_at DESC, id DESC)
WHERE status = 'disputed';
