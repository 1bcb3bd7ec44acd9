-- How far everybody has read: most up to the last message, others up to their own last one, and some nothing.
CREATE TEMP TABLE seed_written ON COMMIT DROP AS
SELECT coalesce(room_id, conversation_id) AS place_id, sender_id, max(id::text COLLATE "C")::uuid AS last_id, max(created_at) AS last_at
FROM messages
WHERE coalesce(room_id, conversation_id) IN (SELECT coalesce(room_id, conversation_id) FROM seed_talks)
GROUP BY coalesce(room_id, conversation_id), sender_id;

CREATE TEMP TABLE seed_last ON COMMIT DROP AS
SELECT place_id, max(last_id::text COLLATE "C")::uuid AS last_id, max(last_at) AS last_at FROM seed_written GROUP BY place_id;

UPDATE conversations c SET last_message_at = l.last_at FROM seed_last l WHERE l.place_id = c.id AND c.last_message_at < l.last_at;

UPDATE rooms r SET last_message_at = l.last_at FROM seed_last l
WHERE l.place_id = r.id AND r.last_message_at IS DISTINCT FROM l.last_at;

INSERT INTO room_read_positions (room_id, user_id, last_read)
SELECT t.room_id, s.person_id, CASE WHEN pg_temp.draw('reads', s.talk_no * 1048576 + s.rank) < 0.6 THEN l.last_id ELSE w.last_id END
FROM seed_speakers s
JOIN seed_talks t ON t.no = s.talk_no AND t.room_id IS NOT NULL
JOIN seed_last l ON l.place_id = t.room_id
LEFT JOIN seed_written w ON w.place_id = t.room_id AND w.sender_id = s.person_id
WHERE pg_temp.draw('reads', s.talk_no * 1048576 + s.rank) < 0.6 OR w.last_id IS NOT NULL
ORDER BY s.talk_no, s.rank
ON CONFLICT DO NOTHING;

INSERT INTO conversation_participants (id, conversation_id, user_id, created_at, last_read)
SELECT pg_temp.seed_id('participant', p.n, %(users)s * 20), c.id, p.person_id, p.since,
       CASE WHEN pg_temp.draw('keeps up', p.n) < 0.7 THEN l.last_id ELSE w.last_id END
FROM seed_participants p
CROSS JOIN LATERAL (SELECT pg_temp.seed_id('conversation', p.no, %(users)s * 8) AS id) c
LEFT JOIN seed_last l ON l.place_id = c.id
LEFT JOIN seed_written w ON w.place_id = c.id AND w.sender_id = p.person_id
ORDER BY p.n;
