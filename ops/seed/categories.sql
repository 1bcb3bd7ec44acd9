-- The forum's categories, open; one that is here already, whoever made it, is taken as it is. Their numbers begin at
-- 1 in an empty database, as the keys of their posts carry them.
INSERT INTO forum_categories (id, slug, name, description, position, created_at)
SELECT (SELECT coalesce(max(id), 0) FROM forum_categories) + row_number() OVER (ORDER BY c.no), c.slug, c.name, c.description,
       c.no, %(from)s
FROM seed_categories c
WHERE NOT EXISTS (SELECT FROM forum_categories f WHERE f.slug = c.slug);

SELECT setval(pg_get_serial_sequence('forum_categories', 'id'),
              (SELECT greatest(max(id), pg_sequence_last_value(pg_get_serial_sequence('forum_categories', 'id')::regclass))
               FROM forum_categories));

SELECT create_category_partition(slug, month::date)
FROM seed_categories CROSS JOIN generate_series(%(this_month)s, (now() AT TIME ZONE 'UTC') + interval '3 months', interval '1 month') month;

UPDATE forum_categories SET opened_at = %(from)s WHERE opened_at IS NULL AND slug IN (SELECT slug FROM seed_categories);

UPDATE seed_categories c SET id = f.id FROM forum_categories f WHERE f.slug = c.slug;
