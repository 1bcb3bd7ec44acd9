INSERT INTO conversations (id, pair, title, created_at, last_message_at)
SELECT pg_temp.seed_id('conversation', c.no, %(users)s * 8),
       CASE WHEN c.pair_no IS NOT NULL THEN least(f.asker_id, f.asked_id) || ':' || greatest(f.asker_id, f.asked_id) END,
       c.title, c.began, c.began
FROM seed_conversations c
LEFT JOIN seed_pairs f ON f.no = c.pair_no
WHERE c.no BETWEEN %(first)s AND %(last)s
ORDER BY c.no;
