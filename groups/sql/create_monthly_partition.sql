-- The partition of messages for the month of a date: document B's function. Its names are those that document B
-- writes out, with the century; its bounds do not follow the session's time zone; it may be called again; and it
-- takes no lock that stops readers.
CREATE FUNCTION create_monthly_partition(target_date DATE) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
    first TIMESTAMP := date_trunc('month', target_date::TIMESTAMP);
BEGIN
    PERFORM create_partition('messages', 'messages_' || to_char(first, '"y"YYYY"m"MM'), first,
                             first + INTERVAL '1 month');
END;
$$;
