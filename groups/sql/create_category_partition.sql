-- The partition of forum_posts for a category, by its slug, and the month of a date; the category's own comes first.
CREATE FUNCTION create_category_partition(category TEXT, target_date DATE) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
    number SMALLINT := (SELECT id FROM forum_categories WHERE slug = category);
    parent TEXT := 'forum_posts_' || category;
    first TIMESTAMP := date_trunc('month', target_date::TIMESTAMP);
BEGIN
    IF number IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no forum category %L', category);
    ELSIF category ~ '_y[0-9]{4}m[0-9]{2}$' THEN
        RAISE invalid_parameter_value USING MESSAGE = format('a forum category cannot be called %L: a partition of '
                                                             'another one could have that name', category);
    END IF;
    IF to_regclass(quote_ident(parent)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE forum_posts INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) '
                       'PARTITION BY RANGE (created_at)', parent);
        EXECUTE format('ALTER TABLE forum_posts ATTACH PARTITION %I FOR VALUES IN (%s)', parent, number);
    ELSIF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'forum_posts'::REGCLASS AND NOT inhdetachpending
                      AND inhrelid = to_regclass(quote_ident(parent))) THEN
        RAISE duplicate_table USING MESSAGE = format('table %I exists and is no partition of forum_posts', parent);
    END IF;
    PERFORM create_partition(quote_ident(parent)::REGCLASS, parent || to_char(first, '"_y"YYYY"m"MM'), first,
                             first + INTERVAL '1 month');
END;
$$;
