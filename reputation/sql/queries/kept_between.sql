-- What is kept of all people from one id (included) to another (not): when they came, their live row with the
-- version that it has, and their memo.
SELECT
    u.id, u.created_at, r.xmin::text, s.state::text, s.decay_due_at,
    overall_score, trust_level, total_food_shared, total_food_claimed, total_exchanges_completed,
    total_groups_participated, avg_food_rating, avg_recipient_rating, reliability_score, reported_incidents,
    resolved_disputes, community_contributions, account_age_days, last_activity, peak_reputation, reputation_trend,
    reputation_updated_at, last_stream_event_id
FROM users u
LEFT JOIN user_global_reputation r ON r.user_id = u.id
LEFT JOIN reputation_states s ON s.user_id = u.id
WHERE u.id >= %(first)s AND (%(end)s::uuid IS NULL OR u.id < %(end)s)
