-- Hold those live rows that nobody holds: whoever holds one is applying events, and writes how they are doing.
SELECT user_id
FROM user_global_reputation
WHERE user_id = ANY(%(people)s)
ORDER BY user_id
FOR UPDATE SKIP LOCKED
