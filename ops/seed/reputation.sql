-- What everybody brings from before the ledger: one opening event, as of the person's last activity, that carries what
-- the rows add up to as the events would have counted it. Who never did anything brings nothing.
CREATE TEMP TABLE seed_sides ON COMMIT DROP AS
WITH handovers AS (
    SELECT p.author_id AS giver_id, e.recipient_id, p.group_id, e.cancelled_by_id, e.cancelled_at, e.completed_at,
           e.resolved_at IS NOT NULL AS is_resolved, by_recipient.stars AS food_stars, by_giver.stars AS recipient_stars
    FROM exchanges e
    JOIN food_posts p ON p.id = e.food_id
    LEFT JOIN ratings by_recipient ON by_recipient.exchange_id = e.id AND by_recipient.rater_id = e.recipient_id
        AND by_recipient.revealed_at IS NOT NULL
    LEFT JOIN ratings by_giver ON by_giver.exchange_id = e.id AND by_giver.rater_id = p.author_id
        AND by_giver.revealed_at IS NOT NULL
    WHERE e.status IN ('completed', 'disputed', 'cancelled')
)
SELECT giver_id AS user_id, recipient_id AS partner_id, false AS is_recipient, group_id, completed_at, is_resolved,
       CASE WHEN cancelled_by_id = giver_id THEN cancelled_at END AS cancelled_at, food_stars AS stars
FROM handovers
UNION ALL
SELECT recipient_id, giver_id, true, group_id, completed_at, is_resolved,
       CASE WHEN cancelled_by_id = recipient_id THEN cancelled_at END, recipient_stars
FROM handovers;

INSERT INTO reputation_events
    (id, user_id, event_type, impact_score, previous_score, new_score, description, processed_at, created_at)
SELECT
    pg_temp.seed_id('history', n, %(users)s), p.id, 'opening_balance', score - 75, 75, score,
    json_build_object(
        'raw', (score - 75)::text, 'why', 'what the person brought from before the ledger',
        'carried', json_build_object(
            'score', score::text, 'shared', coalesce(shared, 0), 'claimed', coalesce(claimed, 0),
            'exchanges', coalesce(completed, 0), 'cancelled', coalesce(cancelled, 0), 'resolved', coalesce(resolved, 0),
            'partners', coalesce(partners, '{}'), 'groups', coalesce(took_part.groups, '{}'),
            'food', json_build_array(coalesce(food_ratings, 0), coalesce(food_stars, 0)),
            'recipient', json_build_array(coalesce(recipient_ratings, 0), coalesce(recipient_stars, 0)),
            'last_activity', to_char(last_activity, 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'))),
    last_activity, last_activity
FROM seed_people p
LEFT JOIN (
    SELECT author_id, count(*) AS shared, max(created_at) AS last_shared FROM food_posts GROUP BY author_id
) given ON given.author_id = p.id
LEFT JOIN (
    SELECT user_id, count(completed_at) AS completed, count(completed_at) FILTER (WHERE is_recipient) AS claimed,
           count(cancelled_at) AS cancelled, count(*) FILTER (WHERE is_resolved) AS resolved,
           (array_agg(DISTINCT partner_id) FILTER (WHERE completed_at IS NOT NULL))[1:10] AS partners,
           count(stars) FILTER (WHERE NOT is_recipient) AS food_ratings,
           sum(stars) FILTER (WHERE NOT is_recipient) AS food_stars,
           count(stars) FILTER (WHERE is_recipient) AS recipient_ratings,
           sum(stars) FILTER (WHERE is_recipient) AS recipient_stars,
           greatest(max(completed_at), max(cancelled_at)) AS last_exchange
    FROM seed_sides GROUP BY user_id
) exchanged ON exchanged.user_id = p.id
LEFT JOIN (
    SELECT user_id, array_agg(group_id) AS groups
    FROM (SELECT author_id AS user_id, group_id FROM food_posts WHERE group_id IS NOT NULL
          UNION SELECT user_id, group_id FROM seed_sides
          WHERE group_id IS NOT NULL AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) places
    GROUP BY user_id
) took_part ON took_part.user_id = p.id
CROSS JOIN LATERAL (SELECT
    greatest(last_shared, last_exchange) AS last_activity,
    round(least(99.99, greatest(40, 75 + 2 * ln(1.0 + coalesce(shared, 0)) + 2.2 * ln(1.0 + coalesce(completed, 0))
          + coalesce((food_stars::numeric / nullif(food_ratings, 0) - 4.2) * 4, 0) - 0.4 * coalesce(cancelled, 0))), 2)
        AS score
) summed
WHERE last_activity IS NOT NULL
ORDER BY n
ON CONFLICT (id) DO NOTHING;
