-- Districts and buildings. One that is in the database already, whoever made it, is taken as it is.
CREATE TEMP TABLE seed_places AS
SELECT (city_no - 1) * 8 + ordinality AS n, city_no, name AS city, district AS name
FROM seed_cities, unnest(districts) WITH ORDINALITY AS d (district, ordinality);

INSERT INTO neighborhoods (id, name, city, created_at)
SELECT pg_temp.seed_id('neighborhood', n, 1000), name, city, %(at)s - %(history)s - interval '1 day'
FROM seed_places
ORDER BY n
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE seed_districts AS
SELECT p.n, p.city_no, h.id
FROM seed_places p JOIN neighborhoods h ON lower(h.city) = lower(p.city) AND lower(h.name) = lower(p.name);

CREATE TEMP TABLE planned_buildings AS
SELECT
    d.n * 100000 + k AS n, d.n AS district_no, d.id AS neighborhood_id,
    -- A street runs through all eight districts, which take its numbers in turn: no address is twice in a city.
    format(l.address, l.streets[1 + mod(k - 1, cardinality(l.streets))],
           1 + mod(d.n - 1, 8) + 8 * ((k - 1) / cardinality(l.streets))) AS address,
    CASE WHEN pg_temp.draw('known building', d.n * 100000 + k) < 0.95 THEN %(at)s - %(history)s - interval '1 day' END AS verified_at
FROM seed_districts d
JOIN seed_cities c USING (city_no)
JOIN seed_languages l USING (language)
CROSS JOIN LATERAL generate_series(1, c.buildings_each) k;

INSERT INTO buildings (id, neighborhood_id, address, verified_at, created_at)
SELECT pg_temp.seed_id('building', n, 100000000), neighborhood_id, address, verified_at, %(at)s - %(history)s - interval '1 day'
FROM planned_buildings
ORDER BY n
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE seed_buildings AS
SELECT p.n, p.district_no, b.id, b.verified_at, b.address
FROM planned_buildings p
JOIN buildings b ON b.neighborhood_id = p.neighborhood_id AND lower(b.address) = lower(p.address);
CREATE UNIQUE INDEX ON seed_buildings (n);
ANALYZE seed_districts, seed_buildings;
