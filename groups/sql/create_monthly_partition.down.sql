DROP FUNCTION create_monthly_partition(DATE);
