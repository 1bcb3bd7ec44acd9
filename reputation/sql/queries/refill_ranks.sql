-- Everybody and every group's active members, ranked by score. One statement, so that all three tables tell of the same
-- moment and readers see it before or after as a whole; rows that stay as they are are not even locked.
WITH person AS MATERIALIZED (
    SELECT users.id, reputation.overall_score AS score
    FROM users
    JOIN user_global_reputation reputation ON reputation.user_id = users.id
    WHERE users.is_active AND reputation.overall_score IS NOT NULL
),
ranked AS MATERIALIZED (
    SELECT %(overall)s::uuid AS scope, id AS user_id, score
    FROM person
  UNION ALL
    SELECT member.group_id, person.id, person.score
    FROM group_memberships member
    JOIN person ON person.id = member.user_id
    WHERE member.state = 'active'
),
new_rank AS MATERIALIZED (
    SELECT scope, score, count(*)::integer AS people,
           (sum(count(*)) OVER (PARTITION BY scope ORDER BY score DESC) - count(*))::integer AS above
    FROM ranked
    GROUP BY scope, score
),
new_ranking AS MATERIALIZED (
    SELECT scope, sum(people) AS people
    FROM new_rank
    GROUP BY scope
),
new_leader AS MATERIALIZED (
    SELECT scope, place, user_id, score, rank
    FROM (
        SELECT scope, user_id, score, rank() OVER (PARTITION BY scope ORDER BY score DESC) AS rank,
               row_number() OVER (PARTITION BY scope ORDER BY score DESC, user_id) AS place
        FROM ranked
    ) placed
    WHERE place <= %(most)s
),
gone_rank AS (
    DELETE FROM reputation_ranks old
    WHERE NOT EXISTS (SELECT FROM new_rank new WHERE new.scope = old.scope AND new.score = old.score)
),
gone_ranking AS (
    DELETE FROM reputation_rankings old
    WHERE NOT EXISTS (SELECT FROM new_ranking new WHERE new.scope = old.scope)
),
gone_leader AS (
    DELETE FROM reputation_leaders old
    WHERE NOT EXISTS (SELECT FROM new_leader new WHERE new.scope = old.scope AND new.place = old.place)
),
changed_rank AS (
    INSERT INTO reputation_ranks (scope, score, people, above)
    SELECT scope, score, people, above FROM new_rank
    EXCEPT
    SELECT scope, score, people, above FROM reputation_ranks
    ON CONFLICT (scope, score) DO UPDATE SET people = excluded.people, above = excluded.above
),
changed_leader AS (
    INSERT INTO reputation_leaders (scope, place, user_id, score, rank)
    SELECT scope, place, user_id, score, rank FROM new_leader
    EXCEPT
    SELECT scope, place, user_id, score, rank FROM reputation_leaders
    ON CONFLICT (scope, place) DO UPDATE SET user_id = excluded.user_id, score = excluded.score, rank = excluded.rank
)
INSERT INTO reputation_rankings (scope, people, as_of)
SELECT scope, people, now() AT TIME ZONE 'UTC' FROM new_ranking
ON CONFLICT (scope) DO UPDATE SET people = excluded.people, as_of = excluded.as_of
