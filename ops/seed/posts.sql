-- One run of posts with what became of each, in one transaction. A giver is drawn, then a time since they came, then
-- two others of the circle who might take it, if they were there by then: young circles let more food expire.
CREATE TEMP TABLE seed_posts ON COMMIT DROP AS
SELECT
    p, giver.person_id AS giver_id, giver.person_no AS giver_no, giver.sharing_mode, giver.group_id,
    giver.neighborhood_id, giver.building_id,
    first_taker.person_id AS first_taker_id, second_taker.person_id AS second_taker_id,
    created_at, pickup_time, food_no, pg_temp.draw('fate', p) AS fate,
    pg_temp.draw('first end', p) AS first_end, pg_temp.draw('second end', p) AS second_end,
    first_claim, first_claim + (pickup_time - first_claim) * (0.3 + 0.7 * pg_temp.draw('first length', p)) AS first_done
FROM (SELECT p, mod(pg_temp.zipf_rank(pg_temp.draw('giver', p), %(seats)s, %(flat)s) * 2654435761, %(seats)s) + 1 AS seat_no
      FROM generate_series(%(first)s, %(last)s) p) planned
JOIN seed_seats giver ON giver.no = seat_no
CROSS JOIN LATERAL (SELECT %(at)s - (%(at)s - giver.since) * power(pg_temp.draw('age', p), %(recency)s) AS created_at) offered
LEFT JOIN seed_seats first_taker ON first_taker.no = giver.first_no + mod(
    seat_no - giver.first_no + pg_temp.pick('first taker', p, giver.size - 1), giver.size)
    AND giver.size > 1 AND first_taker.since <= created_at
    AND (giver.building_id IS NULL OR giver.is_verified_building OR first_taker.building_id = giver.building_id)
LEFT JOIN seed_seats second_taker ON second_taker.no = giver.first_no + mod(
    seat_no - giver.first_no + pg_temp.pick('second taker', p, giver.size - 1), giver.size)
    AND giver.size > 1 AND second_taker.since <= created_at
    AND (giver.building_id IS NULL OR giver.is_verified_building OR second_taker.building_id = giver.building_id)
CROSS JOIN LATERAL (SELECT date_bin('15 minutes', created_at + interval '2 hours' + interval '4 days'
                    * power(pg_temp.draw('window', p), 2), '2000-01-01') AS pickup_time) open
CROSS JOIN LATERAL (SELECT created_at + (pickup_time - created_at) * 0.8 * power(pg_temp.draw('first claim', p), 2)
                    AS first_claim) claimed
CROSS JOIN LATERAL (SELECT pg_temp.pick('food', p, %(foods)s) AS food_no) chosen;

-- Up to two exchanges a post: the first may be cancelled and the food claimed again. `status` is as of the date.
CREATE TEMP TABLE seed_exchanges ON COMMIT DROP AS
WITH first_claims AS (
    SELECT
        p, 2 * p - 1 AS n, giver_id, giver_no, first_taker_id AS recipient_id, first_claim AS claimed_at,
        first_claim + (first_done - first_claim) * 0.4 * pg_temp.draw('first confirmed', p) AS confirmed_at,
        first_done AS done_at,
        CASE WHEN first_end < 0.10 THEN 'cancelled' WHEN first_end < 0.13 THEN 'disputed' ELSE 'completed' END AS outcome
    FROM seed_posts
    WHERE fate >= 0.10 AND first_taker_id IS NOT NULL AND first_claim <= %(at)s
), second_claims AS (
    SELECT
        p, 2 * p, giver_id, giver_no, second_taker_id, claim,
        claim + (done - claim) * 0.4 * pg_temp.draw('second confirmed', p), done, 'completed'
    FROM seed_posts
    CROSS JOIN LATERAL (SELECT first_done + (pickup_time - first_done) * 0.5 * pg_temp.draw('second claim', p) AS claim) c
    CROSS JOIN LATERAL (SELECT claim + (pickup_time - claim) * (0.2 + 0.8 * second_end) AS done) d
    WHERE fate >= 0.10 AND first_taker_id IS NOT NULL AND first_end < 0.06 AND second_taker_id IS NOT NULL AND claim <= %(at)s
)
SELECT
    *, done_at + interval '1 day' * pg_temp.draw('disputed', n) AS disputed_at,
    done_at + interval '1 day' + interval '9 days' * pg_temp.draw('resolved', n) AS resolved_at,
    CASE WHEN outcome = 'cancelled' AND done_at <= %(at)s THEN 'cancelled'
         WHEN confirmed_at > %(at)s THEN 'pending'
         WHEN done_at > %(at)s THEN 'confirmed'
         WHEN outcome = 'disputed' AND done_at + interval '1 day' <= %(at)s
              AND (pg_temp.draw('settles', n) < 0.5
                   OR done_at + interval '1 day' + interval '9 days' * pg_temp.draw('resolved', n) > %(at)s) THEN 'disputed'
         ELSE 'completed' END AS status
FROM (SELECT * FROM first_claims UNION ALL SELECT * FROM second_claims) claims;

INSERT INTO food_posts
    (id, group_id, status, pickup_time, created_at, title, author_id, sharing_mode, neighborhood_id, building_id,
     description, category, quantity, allergens, dietary_tags, best_before, handover_notes)
SELECT
    pg_temp.seed_id('post', s.p, %(posts)s), s.group_id,
    CASE WHEN s.fate < 0.04 THEN 'withdrawn'
         WHEN e.status IN ('pending', 'confirmed') THEN 'claimed'
         WHEN e.status IN ('completed', 'disputed') THEN 'completed'
         WHEN s.pickup_time > %(at)s THEN 'available' ELSE 'expired' END,
    s.pickup_time, s.created_at, format(pg_temp.choose('title', s.p, ph.titles), f.title), s.giver_id, s.sharing_mode,
    s.neighborhood_id, s.building_id,
    rtrim(f.description || ' ' || pg_temp.choose('why', s.p, ph.reasons)), f.category,
    pg_temp.choose('quantity', s.p, f.quantities), f.allergens, f.diets,
    greatest(s.created_at::date + f.keeps, s.pickup_time::date), pg_temp.choose('note', s.p, ph.notes)
FROM seed_posts s
JOIN seed_foods f ON f.no = s.food_no
LEFT JOIN seed_exchanges e ON e.p = s.p AND e.status <> 'cancelled'
CROSS JOIN seed_phrases ph
ORDER BY s.p;

INSERT INTO exchanges
    (id, food_id, recipient_id, status, created_at, recipient_confirmed_at, giver_confirmed_at, completed_at,
     cancelled_at, cancelled_by_id, cancel_reason, disputed_at, disputed_by_id, dispute_reason,
     resolved_at, resolved_by_id, resolution)
SELECT
    pg_temp.seed_id('exchange', n, %(posts)s * 2), pg_temp.seed_id('post', p, %(posts)s), recipient_id, status, claimed_at, claimed_at,
    CASE WHEN status IN ('confirmed', 'completed', 'disputed') OR (status = 'cancelled' AND mod(n / 2, 2) = 0)
         THEN confirmed_at END,
    CASE WHEN status IN ('completed', 'disputed') THEN done_at END,
    CASE WHEN status = 'cancelled' THEN done_at END,
    CASE WHEN status = 'cancelled' THEN CASE WHEN pg_temp.draw('who cancels', n) < 0.7 THEN recipient_id ELSE giver_id END END,
    CASE WHEN status = 'cancelled' THEN pg_temp.choose('why cancelled', n, ph.cancellations) ELSE '' END,
    CASE WHEN was_disputed THEN disputed_at END,
    CASE WHEN was_disputed THEN recipient_id END,
    CASE WHEN was_disputed THEN pg_temp.choose('why disputed', n, ph.disputes) ELSE '' END,
    CASE WHEN was_disputed AND status = 'completed' THEN resolved_at END,
    CASE WHEN was_disputed AND status = 'completed' THEN pg_temp.seed_id('user', 1, %(users)s) END,
    CASE WHEN was_disputed AND status = 'completed' THEN pg_temp.choose('how resolved', n, ph.resolutions) ELSE '' END
FROM seed_exchanges
CROSS JOIN seed_phrases ph
CROSS JOIN LATERAL (SELECT status = 'disputed' OR (outcome = 'disputed' AND status = 'completed' AND resolved_at <= %(at)s)
                    AS was_disputed) d
ORDER BY n;

-- What each side says within two days of a completed exchange; some say nothing. It is revealed as both have, or
-- two weeks after completion.
INSERT INTO ratings (id, exchange_id, stars, created_at, rater_id, comment, revealed_at)
SELECT
    pg_temp.seed_id('rating', 2 * n + side, %(posts)s * 4 + 1), pg_temp.seed_id('exchange', n, %(posts)s * 2),
    1 + width_bucket(pg_temp.draw('stars', 2 * n + side) + pg_temp.draw('generosity', giver_no) * 0.1,
                     '{0.03,0.07,0.17,0.43}'::float8[]),
    rated_at, CASE side WHEN 0 THEN recipient_id ELSE giver_id END, pg_temp.choose('comment', 2 * n + side, ph.comments),
    CASE WHEN count(*) OVER sides = 2 THEN max(rated_at) OVER sides
         WHEN done_at + interval '14 days' <= %(at)s THEN done_at + interval '14 days' END
FROM seed_exchanges
CROSS JOIN (VALUES (0, 0.7), (1, 0.45)) saying (side, share)
CROSS JOIN LATERAL (SELECT done_at + interval '2 days' * power(pg_temp.draw('rated', 2 * n + side), 2) AS rated_at) r
CROSS JOIN seed_phrases ph
WHERE status = 'completed' AND pg_temp.draw('says', 2 * n + side) < share AND rated_at <= %(at)s
WINDOW sides AS (PARTITION BY n)
ORDER BY n, side;
