-- For this month and the next three, this week and the next eight; from then on by `manage.py maintain_partitions`.
SELECT create_monthly_partition((now() AT TIME ZONE 'UTC' + make_interval(months => n))::DATE)
FROM generate_series(0, 3) AS n;
SELECT create_weekly_partition((now() AT TIME ZONE 'UTC' + make_interval(weeks => n))::DATE)
FROM generate_series(0, 8) AS n;
