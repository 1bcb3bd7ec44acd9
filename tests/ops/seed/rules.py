"""What must hold in every data set: a query for each rule, which finds the rows that break it."""

from tests.ops.seed.tools import AT

RULES = {
    "an address is once in a city": """
        SELECT h.city, lower(b.address) FROM buildings b JOIN neighborhoods h ON h.id = b.neighborhood_id
        GROUP BY h.city, lower(b.address) HAVING count(*) > 1""",
    "a post is claimed exactly while its exchange is pending or confirmed": """
        SELECT p.id, p.status, e.status FROM food_posts p
        LEFT JOIN exchanges e ON e.food_id = p.id AND e.status <> 'cancelled'
        WHERE (p.status = 'claimed') <> coalesce(e.status IN ('pending', 'confirmed'), false)""",
    "a post is completed exactly when its exchange is, or was before a dispute": """
        SELECT p.id, p.status, e.status FROM food_posts p
        LEFT JOIN exchanges e ON e.food_id = p.id AND e.status <> 'cancelled'
        WHERE (p.status = 'completed') <> coalesce(e.status IN ('completed', 'disputed'), false)""",
    "an available post can still be picked up, and an expired one no more": f"""
        SELECT id, status, pickup_time FROM food_posts
        WHERE (status = 'available' AND pickup_time <= '{AT}') OR (status = 'expired' AND pickup_time > '{AT}')""",
    "ratings are of completed exchanges, by a side of them, and later": """
        SELECT r.id FROM ratings r JOIN exchanges e ON e.id = r.exchange_id JOIN food_posts p ON p.id = e.food_id
        WHERE e.status <> 'completed' OR r.rater_id NOT IN (e.recipient_id, p.author_id)
            OR r.created_at < e.completed_at""",
    "a rating is revealed as both sides have rated, or two weeks after completion": f"""
        SELECT r.id, r.revealed_at FROM ratings r JOIN exchanges e ON e.id = r.exchange_id
        LEFT JOIN ratings other ON other.exchange_id = e.id AND other.id <> r.id
        CROSS JOIN LATERAL (SELECT greatest(r.created_at, least(
            other.created_at, e.completed_at + interval '14 days')) AS at) opened
        WHERE r.revealed_at IS DISTINCT FROM CASE WHEN opened.at <= '{AT}' THEN opened.at END""",
    "an exchange comes after its post and before the pickup time": """
        SELECT e.id FROM exchanges e JOIN food_posts p ON p.id = e.food_id
        WHERE e.created_at < p.created_at OR e.created_at > p.pickup_time""",
    "the steps of an exchange are in order and belong to its status": """
        SELECT id, status FROM exchanges
        WHERE recipient_confirmed_at IS NULL OR recipient_confirmed_at < created_at
           OR giver_confirmed_at < created_at OR completed_at < giver_confirmed_at OR cancelled_at < created_at
           OR disputed_at < completed_at OR resolved_at < disputed_at
           OR (status <> 'cancelled') <> (cancelled_at IS NULL) OR (cancelled_at IS NULL) <> (cancelled_by_id IS NULL)
           OR (status IN ('completed', 'disputed')) <> (completed_at IS NOT NULL)
           OR (status = 'pending' AND giver_confirmed_at IS NOT NULL)
           OR (status IN ('confirmed', 'completed', 'disputed') AND giver_confirmed_at IS NULL)
           OR (status = 'disputed' AND (disputed_at IS NULL OR resolved_at IS NOT NULL))""",
    "a second claim comes after the first was cancelled": """
        SELECT later.id FROM exchanges later JOIN exchanges earlier USING (food_id)
        WHERE later.created_at > earlier.created_at
            AND NOT coalesce(earlier.cancelled_at <= later.created_at, false)""",
    "nobody receives from themselves": """
        SELECT e.id FROM exchanges e JOIN food_posts p ON p.id = e.food_id WHERE e.recipient_id = p.author_id""",
    "a community post is in a group of that type, by an active member of it": """
        SELECT p.id FROM food_posts p
        LEFT JOIN community_groups g ON g.id = p.group_id AND g.group_type = 'community'
        LEFT JOIN group_memberships m ON m.group_id = g.id AND m.user_id = p.author_id AND m.state = 'active'
            AND m.created_at <= p.created_at
        WHERE p.sharing_mode = 'community' AND (m.id IS NULL OR p.neighborhood_id IS NOT NULL
            OR p.building_id IS NOT NULL)""",
    "who receives from a group was an active member of it by then": """
        SELECT e.id FROM exchanges e JOIN food_posts p ON p.id = e.food_id
        LEFT JOIN group_memberships m ON m.group_id = p.group_id AND m.user_id = e.recipient_id AND m.state = 'active'
            AND m.created_at <= e.created_at
        WHERE p.sharing_mode = 'community' AND m.id IS NULL""",
    "a neighborhood post is of the author's building, its group one of the author's": """
        SELECT p.id FROM food_posts p JOIN users u ON u.id = p.author_id
        LEFT JOIN buildings b ON b.id = p.building_id
        LEFT JOIN group_memberships m ON m.group_id = p.group_id AND m.user_id = u.id AND m.state = 'active'
        LEFT JOIN community_groups g ON g.id = m.group_id AND g.group_type = 'neighborhood'
        WHERE p.sharing_mode = 'neighborhood' AND (
            b.id IS NULL OR u.building_id IS DISTINCT FROM b.id OR p.neighborhood_id IS DISTINCT FROM b.neighborhood_id
            OR u.verification_level <> 'full' OR (p.group_id IS NOT NULL AND g.id IS NULL))""",
    "who receives from a neighbor lives near, in the same building unless it is verified": """
        SELECT e.id FROM exchanges e JOIN food_posts p ON p.id = e.food_id JOIN buildings b ON b.id = p.building_id
        JOIN users u ON u.id = e.recipient_id LEFT JOIN buildings home ON home.id = u.building_id
        WHERE p.sharing_mode = 'neighborhood' AND (
            u.verification_level <> 'full' OR home.neighborhood_id IS DISTINCT FROM p.neighborhood_id
            OR (b.verified_at IS NULL AND home.id <> b.id))""",
    "posts are in the mode of their author, who was not suspended": """
        SELECT p.id FROM food_posts p JOIN users u ON u.id = p.author_id
        WHERE p.sharing_mode <> u.sharing_mode OR NOT u.is_active""",
    "member_count is the number of active members": """
        SELECT g.id FROM community_groups g WHERE member_count <> (
            SELECT count(*) FROM group_memberships m WHERE m.group_id = g.id AND m.state = 'active')""",
    "members share in their group's mode, and its admin is an active one": """
        SELECT m.id FROM group_memberships m JOIN community_groups g ON g.id = m.group_id
            JOIN users u ON u.id = m.user_id
        WHERE g.group_type <> u.sharing_mode OR m.created_at < g.created_at OR m.created_at < u.created_at
           OR ((m.role = 'admin') <> (g.admin_user_id = m.user_id)) OR (m.role = 'admin' AND m.state <> 'active')
           OR (m.state = 'pending' AND NOT g.verification_required)
        UNION ALL
        SELECT g.id FROM community_groups g WHERE NOT EXISTS (
            SELECT FROM group_memberships m WHERE m.group_id = g.id AND m.user_id = g.admin_user_id)""",
    "levels of verification fit the mode and the building": """
        SELECT id, sharing_mode, verification_level FROM users
        WHERE verification_level <> ALL (CASE sharing_mode WHEN 'community' THEN '{light}'::text[]
            ELSE '{full,pending}' END)
           OR (verification_level = 'full') <> (sharing_mode = 'neighborhood' AND building_id IS NOT NULL)""",
    "a switch ended in the present mode": """
        SELECT t.id FROM mode_transition_events t JOIN users u ON u.id = t.user_id
        WHERE t.to_mode <> u.sharing_mode OR t.from_mode = t.to_mode OR t.created_at < u.created_at""",
    "the diets of a food agree with its allergens": """
        SELECT id, title FROM food_posts
        WHERE ('vegan' = ANY (dietary_tags) AND allergens && '{milk,eggs,fish,crustaceans,molluscs}')
           OR ('vegan' = ANY (dietary_tags) AND NOT 'vegetarian' = ANY (dietary_tags))
           OR ('vegetarian' = ANY (dietary_tags) AND allergens && '{fish,crustaceans,molluscs}')
           OR ('gluten_free' = ANY (dietary_tags) AND 'gluten' = ANY (allergens))
           OR ('lactose_free' = ANY (dietary_tags) AND 'milk' = ANY (allergens)
               AND title NOT ILIKE '%%lactose-free%%')""",
    "reputation is what the rows add up to": """
        WITH sides AS (
            SELECT e.*, author_id AS user_id, false AS is_recipient FROM exchanges e JOIN food_posts p ON p.id = food_id
            UNION ALL SELECT e.*, recipient_id, true FROM exchanges e)
        SELECT r.user_id FROM user_global_reputation r
        LEFT JOIN (SELECT user_id, count(completed_at) AS completed,
                          count(completed_at) FILTER (WHERE is_recipient) AS claimed,
                          count(*) FILTER (WHERE resolved_at IS NOT NULL) AS resolved,
                          max(completed_at) AS last_completed FROM sides GROUP BY user_id) s USING (user_id)
        LEFT JOIN (SELECT author_id AS user_id, count(*) AS shared, max(created_at) AS last_shared
                   FROM food_posts GROUP BY author_id) p USING (user_id)
        WHERE total_food_shared <> coalesce(shared, 0) OR total_food_claimed <> coalesce(claimed, 0)
           OR total_exchanges_completed <> coalesce(completed, 0) OR resolved_disputes <> coalesce(resolved, 0)
           OR last_activity < greatest(last_shared, last_completed)
           OR overall_score <> 75 + coalesce((SELECT sum(impact_score) FROM reputation_events
               WHERE user_id = r.user_id), 0)""",
    "average ratings are of those that are shown": f"""
        SELECT r.user_id FROM user_global_reputation r
        LEFT JOIN (
            SELECT CASE WHEN rater_id = recipient_id THEN author_id ELSE recipient_id END AS user_id,
                   avg(stars) FILTER (WHERE rater_id = recipient_id) AS food,
                   avg(stars) FILTER (WHERE rater_id = author_id) AS recipient
            FROM ratings JOIN exchanges e ON e.id = exchange_id JOIN food_posts p ON p.id = food_id
            WHERE completed_at <= timestamp '{AT}' - interval '14 days'
               OR (SELECT count(*) FROM ratings WHERE exchange_id = e.id) = 2 GROUP BY 1
        ) given USING (user_id)
        WHERE avg_food_rating <> round(coalesce(food, 0), 2)
           OR avg_recipient_rating <> round(coalesce(recipient, 0), 2)""",
    "who did anything has one opening in the ledger, and everybody a memo": """
        SELECT u.id FROM users u LEFT JOIN user_global_reputation r ON r.user_id = u.id
        WHERE NOT EXISTS (SELECT FROM reputation_states WHERE user_id = u.id)
           OR (SELECT count(*) FROM reputation_events WHERE user_id = u.id AND event_type = 'opening_balance')
              <> (total_food_shared + total_exchanges_completed > 0 OR last_activity > u.created_at)::integer""",
    "trust levels have their evidence": """
        SELECT user_id FROM user_global_reputation
        WHERE (trust_level = 'established' AND (overall_score < 70 OR total_exchanges_completed < 5))
           OR (trust_level = 'trusted' AND (overall_score < 80 OR total_exchanges_completed < 20
               OR account_age_days < 60))
           OR (trust_level = 'exemplary' AND (overall_score < 90 OR total_exchanges_completed < 50
               OR account_age_days < 180))""",
    "everybody has a reputation": """
        SELECT id FROM users WHERE NOT EXISTS (SELECT FROM user_global_reputation WHERE user_id = users.id)""",
    "nothing happened after the date, or before its people came": f"""
        SELECT id FROM users WHERE created_at > '{AT}'
        UNION ALL SELECT id FROM community_groups WHERE created_at > '{AT}'
        UNION ALL SELECT id FROM group_memberships WHERE created_at > '{AT}'
        UNION ALL SELECT id FROM mode_transition_events WHERE created_at > '{AT}'
        UNION ALL SELECT id FROM verification_requests WHERE greatest(created_at, reviewed_at) > '{AT}'
        UNION ALL SELECT p.id FROM food_posts p JOIN users u ON u.id = author_id
            WHERE NOT p.created_at BETWEEN u.created_at AND '{AT}'
        UNION ALL SELECT id FROM exchanges
            WHERE greatest(created_at, giver_confirmed_at, completed_at, cancelled_at, disputed_at, resolved_at)
                > '{AT}'
        UNION ALL SELECT id FROM ratings WHERE greatest(created_at, revealed_at) > '{AT}'
        UNION ALL SELECT user_id FROM user_global_reputation
            WHERE greatest(last_activity, reputation_updated_at) > '{AT}'
        UNION ALL SELECT id FROM reputation_events WHERE greatest(created_at, processed_at) > '{AT}'""",
}
