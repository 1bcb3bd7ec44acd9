DROP FUNCTION create_weekly_partition(DATE);
