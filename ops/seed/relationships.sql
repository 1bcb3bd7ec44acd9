-- A friendship that was agreed to stands in both directions, each as old as its own half: asked, and answered.
INSERT INTO relationships (id, from_user_id, to_user_id, type, status, created_at)
SELECT
    pg_temp.seed_id(CASE side WHEN 0 THEN 'relationship' ELSE 'answer' END, no, %(users)s * 10),
    CASE side WHEN 0 THEN asker_id ELSE asked_id END, CASE side WHEN 0 THEN asked_id ELSE asker_id END,
    CASE kind WHEN 'PENDING' THEN 'FRIEND' ELSE kind END,
    CASE kind WHEN 'PENDING' THEN 'PENDING' ELSE 'ACCEPTED' END, CASE side WHEN 0 THEN began ELSE agreed END
FROM seed_pairs
CROSS JOIN (VALUES (0), (1)) sides (side)
WHERE no BETWEEN %(first)s AND %(last)s AND (side = 0 OR kind = 'FRIEND')
ORDER BY no, side;
