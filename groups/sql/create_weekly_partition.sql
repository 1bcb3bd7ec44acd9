-- The partition of status_updates for the week of a date, from Monday, named by the year and week of ISO 8601.
CREATE FUNCTION create_weekly_partition(target_date DATE) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
    first TIMESTAMP := date_trunc('week', target_date::TIMESTAMP);
BEGIN
    PERFORM create_partition('status_updates', 'status_updates_' || to_char(first, '"y"IYYY"w"IW'), first,
                             first + INTERVAL '7 days');
END;
$$;
