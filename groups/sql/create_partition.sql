-- Make the partition `name` of `parent` for [first, next), built beside it and attached, so that readers and writers
-- of the parent go on. True if it was made, false if it is attached already. Any other table of that name is an
-- error: a detached partition, for one, whose rows would be missed.
CREATE FUNCTION create_partition(parent REGCLASS, name TEXT, first TIMESTAMP, next TIMESTAMP) RETURNS BOOLEAN
LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = parent AND NOT inhdetachpending
                       AND inhrelid = to_regclass(quote_ident(name))) THEN
            RAISE duplicate_table USING MESSAGE = format('table %I exists and is no partition of %s', name, parent);
        END IF;
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name, parent);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name,
                   to_char(first, 'YYYY-MM-DD HH24:MI:SS'), to_char(next, 'YYYY-MM-DD HH24:MI:SS'));
    RETURN true;
END;
$$;
