DROP FUNCTION refresh_group_activity_summary();
