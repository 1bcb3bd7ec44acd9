-- The threads with the most posts in a span of time, in one category or (NULL) in all; equal ones share a rank.
SELECT thread.*, ranked.rank, ranked.posts AS posts_this_week
FROM (
    SELECT thread_id, count(*) AS posts, rank() OVER (ORDER BY count(*) DESC) AS rank, max(created_at) AS latest
    FROM forum_posts
    WHERE (%(category)s IS NULL OR category = %(category)s)
      AND created_at BETWEEN %(since)s AND %(until)s AND deleted_at IS NULL
    GROUP BY thread_id
    ORDER BY rank, latest DESC, thread_id
    LIMIT %(most)s
) ranked
JOIN forum_threads thread ON thread.id = ranked.thread_id
ORDER BY ranked.rank, ranked.latest DESC, thread.id
