"""What must hold of what people say to each other: a query for each rule, which finds the rows that break it."""

from tests.ops.seed.tools import AT

BETWEEN = "least(from_user_id, to_user_id), greatest(from_user_id, to_user_id)"
LOCKED_OUT = "NOT u.is_active OR u.verification_level = 'pending'"

RULES = {
    "a profile is in a city of the groups and neighborhoods, and has a state": """
        SELECT id FROM profiles WHERE location_state = '' OR NOT EXISTS (
            SELECT FROM neighborhoods WHERE city = location_city)
        UNION ALL SELECT p.id FROM profiles p JOIN users u ON u.id = p.id JOIN buildings b ON b.id = u.building_id
            JOIN neighborhoods h ON h.id = b.neighborhood_id WHERE h.city <> p.location_city""",
    "interests and roles are lists of words": """
        SELECT id FROM profiles WHERE jsonb_typeof(interests) <> 'array' OR jsonb_typeof(roles) <> 'array'""",
    "an accepted friendship stands in both directions, no pending one does": """
        SELECT r.id FROM relationships r
        LEFT JOIN relationships b ON b.from_user_id = r.to_user_id AND b.to_user_id = r.from_user_id
            AND b.type = 'FRIEND'
        WHERE r.type = 'FRIEND' AND (r.status = 'ACCEPTED') <> coalesce(b.status = 'ACCEPTED', false)""",
    "only a friendship is pending": """
        SELECT id FROM relationships WHERE type <> 'FRIEND' AND status <> 'ACCEPTED'""",
    "a block ends whatever else is between two people": f"""
        SELECT {BETWEEN} FROM relationships GROUP BY 1, 2
        HAVING bool_or(type = 'BLOCK') AND bool_or(type <> 'BLOCK')""",
    "who relates to somebody was there": f"""
        SELECT r.id FROM relationships r JOIN users u ON u.id IN (from_user_id, to_user_id)
        WHERE r.created_at < u.created_at OR {LOCKED_OUT}""",
    "each group has its first room, as old as itself": """
        SELECT g.id FROM community_groups g WHERE NOT EXISTS (
            SELECT FROM rooms r WHERE r.group_id = g.id AND r.name = 'General' AND r.created_at = g.created_at)
        UNION ALL SELECT r.id FROM rooms r JOIN community_groups g ON g.id = group_id
            WHERE r.created_at < g.created_at""",
    "in a room its group's active members write": """
        SELECT m.id FROM messages m JOIN rooms r ON r.id = m.room_id
        LEFT JOIN group_memberships s ON s.group_id = r.group_id AND s.user_id = m.sender_id AND s.state = 'active'
            AND s.created_at <= m.created_at
        WHERE s.id IS NULL OR m.created_at < r.created_at""",
    "in a conversation its participants write": """
        SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
        LEFT JOIN conversation_participants p ON p.conversation_id = c.id AND p.user_id = m.sender_id
            AND p.created_at <= m.created_at
        WHERE p.id IS NULL OR m.created_at < c.created_at""",
    "nobody writes who may not": f"""
        SELECT m.id FROM messages m JOIN users u ON u.id = sender_id WHERE {LOCKED_OUT}
        UNION ALL SELECT m.id FROM status_updates m JOIN users u ON u.id = author_id WHERE {LOCKED_OUT}
        UNION ALL SELECT m.id FROM forum_posts m JOIN users u ON u.id = author_id WHERE {LOCKED_OUT}""",
    "a message has content, an image an address, a deleted one nothing": """
        SELECT id FROM messages WHERE (deleted_at IS NULL AND (content = '' OR length(content) > 4000))
            OR (deleted_at IS NOT NULL AND (content <> '' OR deleted_at < created_at))
            OR (type = 'IMAGE' AND deleted_at IS NULL AND content NOT LIKE 'https://%%')""",
    "a message is edited within 15 minutes, a forum post within 60": """
        SELECT id FROM messages WHERE edited_at NOT BETWEEN created_at AND created_at + interval '15 minutes'
            OR (edited_at IS NOT NULL AND deleted_at IS NOT NULL)
        UNION ALL SELECT id FROM forum_posts
            WHERE edited_at NOT BETWEEN created_at AND created_at + interval '60 minutes'""",
    "a conversation has two participants or more, its pair is these two": """
        SELECT c.id FROM conversations c JOIN conversation_participants p ON p.conversation_id = c.id
        GROUP BY c.id HAVING count(*) < 2
            OR (pair IS NOT NULL AND pair <> string_agg(p.user_id::text, ':' ORDER BY p.user_id))
            OR (pair IS NULL) <> (title <> '')
        UNION ALL SELECT id FROM conversations WHERE id NOT IN (
            SELECT conversation_id FROM conversation_participants)""",
    "two people who talk apart have not blocked each other": """
        SELECT c.id FROM conversations c JOIN conversation_participants p ON p.conversation_id = c.id
        JOIN conversation_participants q ON q.conversation_id = c.id
        JOIN relationships r ON r.from_user_id = p.user_id AND r.to_user_id = q.user_id AND r.type = 'BLOCK'
        WHERE c.pair IS NOT NULL""",
    "a conversation knows its last message": """
        SELECT c.id FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id
        GROUP BY c.id HAVING c.last_message_at <> coalesce(max(m.created_at), c.created_at)""",
    "who has read has read a message of that place": """
        SELECT p.id::text FROM conversation_participants p WHERE last_read IS NOT NULL AND NOT EXISTS (
            SELECT FROM messages m WHERE m.id = p.last_read AND m.conversation_id = p.conversation_id)
        UNION ALL SELECT p.id::text FROM room_read_positions p WHERE NOT EXISTS (
            SELECT FROM messages m WHERE m.id = p.last_read AND m.room_id = p.room_id)""",
    "who has read in a room is an active member": """
        SELECT p.id FROM room_read_positions p JOIN rooms r ON r.id = p.room_id
        LEFT JOIN group_memberships s ON s.group_id = r.group_id AND s.user_id = p.user_id AND s.state = 'active'
        WHERE s.id IS NULL""",
    "a status update into a group is by an active member": """
        SELECT s.id FROM status_updates s
        LEFT JOIN group_memberships m ON m.group_id = s.group_id AND m.user_id = s.author_id AND m.state = 'active'
            AND m.created_at <= s.created_at
        WHERE s.group_id IS NOT NULL AND m.id IS NULL""",
    "a room knows its last message": """
        SELECT r.id FROM rooms r LEFT JOIN messages m ON m.room_id = r.id
        GROUP BY r.id HAVING max(m.created_at) IS DISTINCT FROM r.last_message_at""",
    "a category is open, a thread in it knows how many posts it has, and the last": """
        SELECT t.id FROM forum_threads t JOIN forum_categories c ON c.id = t.category
        LEFT JOIN forum_posts p ON p.thread_id = t.id AND p.category = t.category
        GROUP BY t.id, c.id HAVING c.opened_at IS NULL OR c.opened_at > t.created_at OR count(p.id) <> t.post_count
            OR max(p.created_at) IS DISTINCT FROM t.last_post_at OR min(p.created_at) IS DISTINCT FROM t.created_at""",
    "a thread begins with its author's post, which stays": """
        SELECT t.id FROM forum_threads t JOIN forum_posts p ON p.thread_id = t.id AND p.created_at = t.created_at
        WHERE p.author_id <> t.author_id OR p.parent_id IS NOT NULL OR p.depth <> 0 OR p.deleted_at IS NOT NULL""",
    "a reply is later and one level deeper than its parent, in the same thread, and no deeper than eight": """
        SELECT p.id FROM forum_posts p LEFT JOIN forum_posts above ON above.id = p.parent_id
        WHERE p.depth > 8 OR (p.parent_id IS NULL) <> (p.depth = 0) OR (p.parent_id IS NOT NULL AND (
            above.thread_id IS DISTINCT FROM p.thread_id OR above.depth <> p.depth - 1
            OR above.created_at > p.created_at OR above.deleted_at < p.created_at))""",
    "a post knows how many reply to it": """
        SELECT p.id FROM forum_posts p LEFT JOIN forum_posts reply ON reply.parent_id = p.id
        GROUP BY p.id, p.category, p.created_at, p.reply_count HAVING count(reply.id) <> p.reply_count""",
    "a forum post has content unless it is deleted": """
        SELECT id FROM forum_posts WHERE (content = '') <> (deleted_at IS NOT NULL) OR deleted_at < created_at""",
    "nothing was said after the date, or before its people came": f"""
        SELECT m.id FROM messages m JOIN users u ON u.id = sender_id
            WHERE m.created_at < u.created_at OR greatest(m.created_at, edited_at, deleted_at) > '{AT}'
        UNION ALL SELECT s.id FROM status_updates s JOIN users u ON u.id = author_id
            WHERE s.created_at NOT BETWEEN u.created_at AND '{AT}'
        UNION ALL SELECT p.id FROM forum_posts p JOIN users u ON u.id = author_id
            WHERE p.created_at < u.created_at OR greatest(p.created_at, edited_at, deleted_at) > '{AT}'
        UNION ALL SELECT id FROM relationships WHERE created_at > '{AT}'
        UNION ALL SELECT id FROM rooms WHERE created_at > '{AT}'
        UNION ALL SELECT id FROM conversations WHERE greatest(created_at, last_message_at) > '{AT}'""",
}
