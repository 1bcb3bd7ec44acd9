-- What everybody's history adds up to, by the evidence that the trust levels ask for. The ledger gets one event a
-- person that stands for that history, so that the row stays the sum of the ledger.
CREATE TEMP TABLE seed_handovers ON COMMIT DROP AS
SELECT p.author_id AS giver_id, e.recipient_id, e.status, e.created_at, e.resolved_at IS NOT NULL AS is_resolved,
       by_recipient.stars AS food_stars, by_giver.stars AS recipient_stars
FROM exchanges e
JOIN food_posts p ON p.id = e.food_id
LEFT JOIN ratings by_recipient ON by_recipient.exchange_id = e.id AND by_recipient.rater_id = e.recipient_id
    AND by_recipient.revealed_at IS NOT NULL
LEFT JOIN ratings by_giver ON by_giver.exchange_id = e.id AND by_giver.rater_id = p.author_id
    AND by_giver.revealed_at IS NOT NULL;

CREATE TEMP TABLE seed_reputation ON COMMIT DROP AS
SELECT
    n, p.id AS user_id, created_at, coalesce(shared, 0) AS shared, coalesce(claimed, 0) AS claimed,
    coalesce(member_of, 0) AS member_of,
    coalesce(completed, 0) AS completed, coalesce(partners, 0) AS partners, coalesce(resolved, 0) AS resolved,
    coalesce(food_rating, 0) AS food_rating, coalesce(recipient_rating, 0) AS recipient_rating,
    greatest(created_at, last_shared, last_exchange) AS last_activity,
    CASE WHEN completed + cancelled > 0 THEN least(99.99, round(100.0 * completed / (completed + cancelled), 2))
         ELSE 75 END AS reliability,
    round(least(99.99, greatest(40, 75 + 2 * ln(1.0 + coalesce(shared, 0)) + 2.2 * ln(1.0 + coalesce(completed, 0))
          + CASE WHEN food_rating > 0 THEN (food_rating - 4.2) * 4 ELSE 0 END - 0.4 * coalesce(cancelled, 0))), 2) AS score
FROM seed_people p
LEFT JOIN (
    SELECT author_id, count(*) AS shared, max(created_at) AS last_shared FROM food_posts GROUP BY author_id
) given ON given.author_id = p.id
LEFT JOIN (
    SELECT user_id, count(*) FILTER (WHERE is_recipient AND status <> 'cancelled') AS claimed,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
           count(*) FILTER (WHERE is_resolved) AS resolved,
           count(DISTINCT partner_id) FILTER (WHERE status = 'completed') AS partners,
           avg(stars) FILTER (WHERE NOT is_recipient) AS food_rating,
           avg(stars) FILTER (WHERE is_recipient) AS recipient_rating,
           max(created_at) AS last_exchange
    FROM (
        SELECT giver_id AS user_id, recipient_id AS partner_id, false AS is_recipient, food_stars AS stars, status,
               created_at, is_resolved FROM seed_handovers
        UNION ALL
        SELECT recipient_id, giver_id, true, recipient_stars, status, created_at, is_resolved FROM seed_handovers
    ) sides GROUP BY user_id
) exchanged ON exchanged.user_id = p.id
LEFT JOIN (
    SELECT person_no, count(*) AS member_of FROM seed_memberships WHERE state = 'active' GROUP BY person_no
) joined ON joined.person_no = p.n;

INSERT INTO user_global_reputation
    (user_id, overall_score, trust_level, total_food_shared, total_food_claimed, total_exchanges_completed,
     total_groups_participated, avg_food_rating, avg_recipient_rating, reliability_score, resolved_disputes,
     account_age_days, last_activity, reputation_updated_at, peak_reputation)
SELECT
    user_id, score,
    CASE WHEN score >= 90 AND completed >= 50 AND age >= 180 AND partners >= 10 THEN 'exemplary'
         WHEN score >= 80 AND completed >= 20 AND age >= 60 THEN 'trusted'
         WHEN score >= 70 AND completed >= 5 THEN 'established'
         WHEN score >= 50 THEN 'developing' ELSE 'concerning' END,
    shared, claimed, completed, member_of, round(food_rating, 2), round(recipient_rating, 2), reliability, resolved, age,
    last_activity, %(at)s, greatest(score, 75)
FROM seed_reputation
CROSS JOIN LATERAL (SELECT extract(day FROM %(at)s - created_at)::integer AS age) a
ORDER BY n;

INSERT INTO reputation_events
    (id, user_id, event_type, impact_score, previous_score, new_score, description, processed_at, created_at)
SELECT pg_temp.seed_id('history', n, %(users)s), user_id, 'seeded_history', score - 75, 75, score,
       format('The sum of %%s posts and %%s completed exchanges.', shared, completed), last_activity, last_activity
FROM seed_reputation
WHERE score <> 75
ORDER BY n;
