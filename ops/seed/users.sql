INSERT INTO users (id, name, is_active, is_staff, created_at, sharing_mode, verification_level, email, building_id, apartment)
SELECT
    p.id, p.name, p.is_active, p.n = 1, p.created_at, p.sharing_mode, p.verification_level,
    'person' || p.n || '@' || %(domain)s, b.id,
    CASE WHEN b.id IS NULL THEN '' ELSE pg_temp.pick('floor', p.n, 6) || pg_temp.choose('door', p.n, '{A,B,C,D}') END
FROM seed_people p
LEFT JOIN seed_buildings b ON b.n = p.building_no
WHERE p.n BETWEEN %(first)s AND %(last)s
ORDER BY p.n;

-- Who switched: once, to the present mode, when they settled in it.
INSERT INTO mode_transition_events (id, user_id, from_mode, to_mode, reason, created_at)
SELECT pg_temp.seed_id('transition', n, %(users)s), id, CASE sharing_mode WHEN 'community' THEN 'neighborhood' ELSE 'community' END,
       sharing_mode, pg_temp.choose('reason', n, '{Moved house,"Friends share here",Curious,"More food nearby"}'), settled_at
FROM seed_people
WHERE switched AND settled_at IS NOT NULL AND n BETWEEN %(first)s AND %(last)s
ORDER BY n;

-- Verified neighbors were approved; four of five who wait have asked.
INSERT INTO verification_requests
    (id, user_id, address, apartment, phone, building_id, state, reviewed_by_id, reviewed_at, rejection_reason, created_at)
SELECT
    pg_temp.seed_id('verification', p.n, %(users)s), p.id, b.address, coalesce(nullif(u.apartment, ''), '1A'),
    '+00 555 ' || lpad(pg_temp.pick('phone', p.n, 9999999)::text, 7, '0'), b.id,
    CASE WHEN p.verification_level = 'pending' THEN 'pending' ELSE 'approved' END,
    CASE WHEN p.verification_level <> 'pending' THEN pg_temp.seed_id('user', 1, %(users)s) END,
    CASE WHEN p.verification_level <> 'pending' THEN p.settled_at END, '',
    CASE WHEN p.verification_level = 'pending' THEN p.created_at + (%(at)s - p.created_at) * 0.5
         ELSE p.created_at + (p.settled_at - p.created_at) * 0.5 END
FROM seed_people p
JOIN users u ON u.id = p.id
JOIN seed_buildings b
    ON b.n = coalesce(p.building_no, p.district_no * 100000 + pg_temp.pick('building', p.n, 2))
WHERE p.sharing_mode = 'neighborhood' AND (p.verification_level = 'full' OR pg_temp.draw('asked', p.n) < 0.8)
  AND p.n BETWEEN %(first)s AND %(last)s
ORDER BY p.n;

-- Person 1 looks after the platform: approves neighbors and resolves disputes.
INSERT INTO users_groups (user_id, group_id)
SELECT pg_temp.seed_id('user', 1, %(users)s), id FROM auth_group WHERE name = 'moderator' AND %(first)s = 1;
