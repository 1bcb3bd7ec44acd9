INSERT INTO forum_threads (id, category, author_id, title, post_count, created_at, last_post_at)
SELECT t.id, t.category, c.id, (%(thread_titles)s::text[])[pg_temp.pick('title', t.no, cardinality(%(thread_titles)s::text[]))], t.posts,
       pg_temp.moment(t.begins_us), pg_temp.moment(last.us)
FROM seed_threads t
JOIN (SELECT no, max(us) AS us FROM seed_forum_posts GROUP BY no) last USING (no)
JOIN (SELECT no, n FROM seed_forum_posts WHERE k = 0) opening USING (no)
JOIN seed_citizens c ON c.rank = 1 + floor(t.people * power(pg_temp.draw('speaks up', opening.n), 2))::bigint
ORDER BY t.no;
