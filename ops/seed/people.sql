-- Who there is: numbered in the order in which they came, more of them every month.
-- `settled_at` is from when they share in their present mode; NULL for who is not verified yet.
CREATE TEMP TABLE seed_people AS
SELECT
    n, id, city_no, district_no, language, name, is_active, created_at, sharing_mode, switched, settled_at,
    CASE WHEN sharing_mode = 'community' THEN 'light' WHEN settled_at IS NULL THEN 'pending' ELSE 'full' END
        AS verification_level,
    CASE WHEN CASE sharing_mode WHEN 'community' THEN switched ELSE settled_at IS NOT NULL END
         THEN district_no * 100000 + pg_temp.pick('building', n, buildings_each) END AS building_no
FROM (
    SELECT
        n, pg_temp.seed_id('user', n, %(users)s) AS id, c.city_no, c.language, c.buildings_each, created_at, sharing_mode, switched,
        (c.city_no - 1) * 8 + 1 + floor(8 * power(pg_temp.draw('district', n), 1.6))::bigint AS district_no,
        pg_temp.choose('given name', n, l.given_names) || ' ' || pg_temp.choose('family name', n, l.family_names) AS name,
        n = 1 OR pg_temp.draw('suspended', n) >= 0.01 AS is_active,
        CASE WHEN NOT switched AND sharing_mode = 'neighborhood' AND pg_temp.draw('unverified', n) < 0.1 THEN NULL
             WHEN created_at + lag <= %(at)s THEN created_at + lag END AS settled_at
    FROM (
        SELECT
            n,
            %(at)s - %(history)s * (1 - power((n - 1) / %(users)s::float8, %(arrival)s)) AS created_at,
            width_bucket(pg_temp.draw('city', n), %(city_bounds)s::float8[]) AS city_no,
            CASE WHEN pg_temp.draw('mode', n) < 0.45 THEN 'neighborhood' ELSE 'community' END AS sharing_mode,
            pg_temp.draw('switched', n) < 0.08 AS switched
        FROM generate_series(1, %(users)s) n
    ) arrived
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN switched THEN (%(at)s - created_at) * (0.2 + 0.6 * pg_temp.draw('settling', n))
            WHEN sharing_mode = 'neighborhood' THEN interval '2 hours' + interval '3 days' * pg_temp.draw('settling', n)
            ELSE interval '1 minute' END AS lag
    ) settling
    JOIN seed_cities c USING (city_no)
    JOIN seed_languages l ON l.language = CASE
        WHEN pg_temp.draw('name at home', n) < 0.75 THEN c.language
        ELSE pg_temp.choose('language', n, %(languages)s) END
) person;
CREATE UNIQUE INDEX ON seed_people (n);
ANALYZE seed_people;
