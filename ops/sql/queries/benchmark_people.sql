-- People to measure with, each with a row of reputation.
WITH added AS (
    INSERT INTO users (name, email, sharing_mode, verification_level)
    SELECT 'Person ' || n, 'person' || n || '@' || %(domain)s, 'community', 'light'
    FROM generate_series(1, %(people)s) AS n
    RETURNING id
)
INSERT INTO user_global_reputation (user_id)
SELECT id FROM added
