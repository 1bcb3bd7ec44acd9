-- The live rows of people, made where they are missing. What tells of a delivery changes only with one.
INSERT INTO user_global_reputation AS kept
    (user_id, overall_score, trust_level, total_food_shared, total_food_claimed, total_exchanges_completed,
     total_groups_participated, avg_food_rating, avg_recipient_rating, reliability_score, reported_incidents,
     resolved_disputes, community_contributions, account_age_days, last_activity, reputation_updated_at,
     peak_reputation, reputation_trend, last_stream_event_id, stream_lag_seconds, reputation_sync_status)
SELECT
    user_id, overall_score, trust_level, total_food_shared, total_food_claimed, total_exchanges_completed,
    total_groups_participated, avg_food_rating, avg_recipient_rating, reliability_score, reported_incidents,
    resolved_disputes, community_contributions, account_age_days, last_activity,
    coalesce(reputation_updated_at, last_activity), peak_reputation, reputation_trend, last_stream_event_id,
    stream_lag_seconds, reputation_sync_status
FROM json_populate_recordset(NULL::user_global_reputation, %(rows)s::json)
ORDER BY user_id
ON CONFLICT (user_id) DO UPDATE SET
    overall_score = EXCLUDED.overall_score, trust_level = EXCLUDED.trust_level,
    total_food_shared = EXCLUDED.total_food_shared, total_food_claimed = EXCLUDED.total_food_claimed,
    total_exchanges_completed = EXCLUDED.total_exchanges_completed,
    total_groups_participated = EXCLUDED.total_groups_participated, avg_food_rating = EXCLUDED.avg_food_rating,
    avg_recipient_rating = EXCLUDED.avg_recipient_rating, reliability_score = EXCLUDED.reliability_score,
    reported_incidents = EXCLUDED.reported_incidents, resolved_disputes = EXCLUDED.resolved_disputes,
    community_contributions = EXCLUDED.community_contributions, account_age_days = EXCLUDED.account_age_days,
    last_activity = EXCLUDED.last_activity, reputation_updated_at = EXCLUDED.reputation_updated_at,
    peak_reputation = EXCLUDED.peak_reputation, reputation_trend = EXCLUDED.reputation_trend,
    last_stream_event_id = EXCLUDED.last_stream_event_id,
    stream_lag_seconds = CASE WHEN %(delivered)s THEN EXCLUDED.stream_lag_seconds ELSE kept.stream_lag_seconds END,
    reputation_sync_status = CASE WHEN %(delivered)s THEN EXCLUDED.reputation_sync_status
                                  ELSE kept.reputation_sync_status END
