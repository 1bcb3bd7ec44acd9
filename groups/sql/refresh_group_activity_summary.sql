-- Document A, step 3.
CREATE OR REPLACE FUNCTION refresh_group_activity_summary()
RETURNS void AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY group_activity_summary;
END;
$$ LANGUAGE plpgsql;
