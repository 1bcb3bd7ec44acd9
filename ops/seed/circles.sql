-- Which groups there are, who belongs to them, and who can give to whom.
CREATE TEMP TABLE seed_groups AS
WITH planned AS (
    SELECT row_number() OVER (ORDER BY city_no, group_type, place) AS n, *
    FROM (
        SELECT city_no, name AS city, districts, 'community' AS group_type, place, 0 AS home_no
        FROM seed_cities, generate_series(1, community_groups) place
        UNION ALL
        SELECT city_no, name, districts, 'neighborhood', place, (city_no - 1) * 8 + 1 + mod(place - 1, 8)
        FROM seed_cities, generate_series(1, neighborhood_groups) place
    ) both_types
), candidates AS (  -- the first third of those who may found a group there: in the district, else in the city
    SELECT *, greatest(1, (count(*) OVER home) / 3) AS founders, row_number() OVER (home ORDER BY n) AS turn
    FROM seed_people CROSS JOIN LATERAL (VALUES (0), (district_no)) homes (home_no)
    WHERE is_active AND settled_at IS NOT NULL
    WINDOW home AS (PARTITION BY city_no, sharing_mode, home_no)
), founded AS (
    SELECT DISTINCT ON (g.n) g.*, c.n AS admin_no,
        least(c.settled_at + interval '5 days' * pg_temp.draw('founded', g.n), %(at)s) AS created_at
    FROM planned g
    JOIN candidates c ON c.city_no = g.city_no AND c.sharing_mode = g.group_type AND c.home_no IN (g.home_no, 0)
        AND c.turn = 1 + mod((CASE group_type WHEN 'community' THEN place - 1 ELSE (place - 1) / 8 END)::bigint, c.founders)
    ORDER BY g.n, c.home_no DESC
)
SELECT
    n, pg_temp.seed_id('group', n, %(groups)s) AS id, city_no, city, group_type, home_no, admin_no, created_at,
    -- The busiest comes first; with 20 or more of them, the last of a city never gets going.
    CASE group_type WHEN 'community' THEN place ELSE 1 + (place - 1) / 8 END AS place,
    pg_temp.draw('approval', n) < 0.2 AS verification_required,
    format(CASE group_type WHEN 'community' THEN (%(community_names)s::text[])[1 + mod(place - 1, %(community_count)s)]
                           ELSE (%(neighborhood_names)s::text[])[1 + mod((place - 1) / 8, %(neighborhood_count)s)] END,
           city, districts[1 + mod(place - 1, 8)])
    || CASE WHEN group_type = 'community' AND place > %(community_count)s * 8
            THEN ' ' || 1 + (place - 1) / (%(community_count)s * 8)
            WHEN group_type = 'neighborhood' AND place > %(neighborhood_count)s * 8
            THEN ' ' || 1 + (place - 1) / (%(neighborhood_count)s * 8) ELSE '' END AS name
FROM founded;
CREATE UNIQUE INDEX ON seed_groups (n);
ANALYZE seed_groups;

-- Which groups people would join: up to four in the city, the popular ones more often; neighbors, that of the district.
CREATE TEMP TABLE seed_wishes AS
SELECT
    p.n, p.city_no, p.settled_at, p.sharing_mode AS group_type, attempt,
    CASE p.sharing_mode WHEN 'neighborhood' THEN p.district_no ELSE 0 END AS home_no,
    pg_temp.zipf_rank(pg_temp.draw('group', p.n * 4 + attempt), choices, 0.3) AS place
FROM seed_people p
JOIN seed_cities c USING (city_no)
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN p.sharing_mode = 'community' THEN 1 + floor(4 * power(pg_temp.draw('groups', p.n), 3))::int
             WHEN pg_temp.draw('groups', p.n) < 0.6 THEN 1 ELSE 0 END AS wishes,
        CASE p.sharing_mode WHEN 'community' THEN c.community_groups - c.community_groups / 20
                            ELSE greatest(1, c.neighborhood_groups / 8) END AS choices
) w
CROSS JOIN LATERAL generate_series(1, wishes) attempt
WHERE p.is_active AND p.settled_at IS NOT NULL;
ANALYZE seed_wishes;

CREATE TEMP TABLE seed_memberships AS
SELECT row_number() OVER (ORDER BY group_no, person_no) AS n, *,
    CASE WHEN verification_required AND role = 'member' AND pg_temp.draw('awaits', group_no * 7919 + person_no) < 0.06
         THEN 'pending' ELSE 'active' END AS state
FROM (
    SELECT DISTINCT ON (group_no, person_no) *
    FROM (
        SELECT n AS group_no, admin_no AS person_no, 'admin' AS role, created_at AS joined_at, verification_required
        FROM seed_groups
        UNION ALL
        SELECT g.n, w.n, 'member',
               greatest(settled_at, created_at)
               + (%(at)s - greatest(settled_at, created_at)) * power(pg_temp.draw('joined', w.n * 4 + attempt), 4),
               verification_required
        FROM seed_wishes w JOIN seed_groups g USING (city_no, group_type, home_no, place)
    ) wishes
    ORDER BY group_no, person_no, role, joined_at
) joined;
ANALYZE seed_memberships;

-- A seat is a person's place in a circle of people who can give to each other: a community group, or the verified
-- neighbors of a district. The seats of a circle have consecutive numbers, so that another seat of it can be drawn.
CREATE TEMP TABLE seed_seats AS
SELECT
    row_number() OVER (ORDER BY circle, person_no)::integer AS no,
    (rank() OVER (ORDER BY circle))::integer AS first_no,
    (count(*) OVER (PARTITION BY circle))::integer AS size,
    seat.person_no, seat.person_id, seat.sharing_mode, seat.group_id, seat.since,
    d.id AS neighborhood_id, b.id AS building_id, b.verified_at IS NOT NULL AS is_verified_building
FROM (
    SELECT m.group_no AS circle, m.person_no, p.id AS person_id, p.sharing_mode, g.id AS group_id, m.joined_at AS since,
           NULL::bigint AS building_no
    FROM seed_memberships m
    JOIN seed_groups g ON g.n = m.group_no
    JOIN seed_people p ON p.n = m.person_no
    WHERE m.state = 'active' AND g.group_type = 'community'
    UNION ALL
    SELECT -p.district_no, p.n, p.id, p.sharing_mode, m.group_id, coalesce(m.joined_at, p.settled_at), p.building_no
    FROM seed_people p
    LEFT JOIN (  -- a founder may have several groups
        SELECT DISTINCT ON (m.person_no) m.person_no, g.id AS group_id, m.joined_at
        FROM seed_memberships m JOIN seed_groups g ON g.n = m.group_no
        WHERE m.state = 'active' AND g.group_type = 'neighborhood'
        ORDER BY m.person_no, m.group_no
    ) m ON m.person_no = p.n
    WHERE p.is_active AND p.sharing_mode = 'neighborhood' AND p.settled_at IS NOT NULL
) seat
LEFT JOIN seed_buildings b ON b.n = seat.building_no
LEFT JOIN seed_districts d ON d.n = b.district_no;
CREATE UNIQUE INDEX ON seed_seats (no);
ANALYZE seed_seats;
