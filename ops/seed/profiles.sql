-- What people tell of themselves; one in eight tells nothing.
INSERT INTO profiles (id, bio, interests, roles, location_city, location_state)
SELECT
    p.id, CASE WHEN pg_temp.draw('bio', p.n) < 0.6 THEN s.line ELSE '' END,
    (SELECT coalesce(jsonb_agg(word ORDER BY place), '[]') FROM unnest(%(interests)s::text[]) WITH ORDINALITY i (word, place)
     WHERE pg_temp.draw('interest', p.n * 64 + place) < 0.25),
    (SELECT coalesce(jsonb_agg(word ORDER BY place), '[]') FROM unnest(%(roles)s::text[]) WITH ORDINALITY r (word, place)
     WHERE pg_temp.draw('role', p.n * 64 + place) < 0.08),
    c.name, c.state
FROM seed_people p
JOIN seed_cities c USING (city_no)
JOIN seed_lines s ON s.kind = 'bio' AND s.language = c.language AND s.no = pg_temp.pick('line', p.n, %(bio_lines)s)
WHERE p.n BETWEEN %(first)s AND %(last)s AND pg_temp.draw('tells', p.n) >= 0.125
ORDER BY p.n
ON CONFLICT DO NOTHING;
