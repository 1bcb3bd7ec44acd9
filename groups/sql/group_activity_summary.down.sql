DROP MATERIALIZED VIEW group_activity_summary;
