-- How much of each sequence is used, the fullest first. What a column's type holds may be less than what its
-- sequence counts to.
SELECT name, "table", "column", used, cycle, least(counts_to, holds) AS most, holds,
       used::float8 / least(counts_to, holds) AS ratio
FROM (
    SELECT s.sequencename AS name, t.relname AS table, a.attname AS column, coalesce(s.last_value, 0) AS used, s.cycle,
           s.max_value AS counts_to,
           CASE format_type(a.atttypid, NULL) WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647 END AS holds
    FROM pg_sequences AS s
    JOIN pg_class AS c ON c.relname = s.sequencename AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
    LEFT JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                                AND d.refobjsubid > 0
    LEFT JOIN pg_class AS t ON t.oid = d.refobjid
    LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE s.schemaname = 'public' AND s.increment_by > 0
) AS sequences
ORDER BY ratio DESC, name
LIMIT %(most)s
