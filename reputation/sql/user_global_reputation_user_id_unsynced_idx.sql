-- Whose live row tells of events that wait, or of how long the last one did: they are looked at every minute.
CREATE INDEX CONCURRENTLY user_global_reputation_user_id_unsynced_idx
ON user_global_reputation (user_id)
WHERE reputation_sync_status <> 'synced' OR stream_lag_seconds <> 0;
