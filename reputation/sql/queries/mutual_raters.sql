-- People and partners who gave each other top stars again and again since `since`: how many ratings the person got from
-- the partner, and how many from everybody. Each pair comes twice, once from either side.
WITH rated AS (
    SELECT r.rater_id AS rater_id, CASE r.rater_id WHEN p.author_id THEN e.recipient_id ELSE p.author_id END AS person_id,
           r.stars
    FROM ratings r
    JOIN exchanges e ON e.id = r.exchange_id
    JOIN food_posts p ON p.id = e.food_id
    WHERE r.revealed_at > %(since)s AND r.rater_id IN (e.recipient_id, p.author_id)
), given AS (
    SELECT rater_id, person_id, count(*) AS ratings, count(*) FILTER (WHERE stars >= %(stars)s) AS top
    FROM rated GROUP BY rater_id, person_id
), received AS (
    SELECT person_id, sum(ratings)::bigint AS ratings FROM given GROUP BY person_id
)
SELECT mine.person_id, mine.rater_id, mine.ratings, received.ratings
FROM given mine
JOIN given theirs ON theirs.rater_id = mine.person_id AND theirs.person_id = mine.rater_id
JOIN received ON received.person_id = mine.person_id
WHERE mine.top >= %(mutual)s AND theirs.top >= %(mutual)s
ORDER BY mine.person_id, mine.rater_id
