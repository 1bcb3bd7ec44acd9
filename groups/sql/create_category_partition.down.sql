DROP FUNCTION create_category_partition(TEXT, DATE);
