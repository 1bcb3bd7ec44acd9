-- The posts of one category and month, in the order of time. An answer is by the thread's opening post or one of its
-- bunch, whose key is made of its own number and time.
INSERT INTO :table (id, created_at, category, thread_id, author_id, parent_id, depth, reply_count, content, edited_at, deleted_at)
SELECT
    pg_temp.seed_key(us, bits, category), pg_temp.moment(us), category, thread_id, author_id,
    CASE WHEN parent_n IS NOT NULL THEN pg_temp.seed_key(parent_us, pg_temp.bits('forum post', parent_n), category) END,
    coalesce(depth, 0), coalesce(replies, 0),
    CASE WHEN is_deleted THEN '' WHEN k = 0 THEN pg_temp.choose('opening', n, %(openings)s)
         ELSE pg_temp.choose('reply', n, %(replies)s) END,
    CASE WHEN NOT is_deleted AND pg_temp.draw('edited', n) < 0.03 AND us + 1200000000 <= pg_temp.micros(%(at)s)
         THEN pg_temp.moment(us + 1200000000) END,
    CASE WHEN is_deleted THEN least(pg_temp.moment(us) + interval '2 days', %(at)s) END
FROM (
    SELECT p.*, answers.replies, c.id AS author_id, t.id AS thread_id, above.us AS parent_us, pg_temp.bits('forum post', p.n) AS bits,
           p.k = p.posts - 1 AND p.k > 0 AND pg_temp.draw('taken back', p.n) < 0.05 AS is_deleted
    FROM seed_forum_posts p
    JOIN seed_threads t USING (no)
    JOIN seed_citizens c ON c.rank = 1 + floor(p.people * power(pg_temp.draw('speaks up', p.n), 2))::bigint
    LEFT JOIN seed_forum_posts above ON above.n = p.parent_n
    LEFT JOIN seed_replies answers ON answers.n = p.n
    WHERE p.category = (SELECT id FROM seed_categories WHERE slug = %(slug)s)
        AND p.us >= pg_temp.micros(%(from)s) AND p.us < pg_temp.micros(%(to)s)
) post
ORDER BY us, n;
