-- What a person may hear now. No row at all: nobody who may listen, as suspended people and pending neighbors are.
WITH listener AS (
    SELECT id, sharing_mode
    FROM users
    WHERE id = %(person)s
        AND is_active
        AND (sharing_mode = 'neighborhood' AND verification_level = 'pending') IS NOT TRUE
),

-- By itself, or PostgreSQL begins with every group of the mode and looks for the person in each.
memberships AS MATERIALIZED (
    SELECT group_id
    FROM group_memberships
    WHERE user_id = %(person)s AND state = 'active'
),

own_groups AS (
    SELECT community_groups.id
    FROM memberships
    INNER JOIN community_groups ON memberships.group_id = community_groups.id
    INNER JOIN listener ON community_groups.group_type = listener.sharing_mode
)

SELECT 'person' AS kind, id FROM listener
UNION ALL
SELECT 'group', id FROM own_groups
UNION ALL
SELECT 'room', rooms.id FROM own_groups INNER JOIN rooms ON own_groups.id = rooms.group_id
UNION ALL
SELECT 'conversation', conversation_participants.conversation_id
FROM listener
INNER JOIN conversation_participants ON conversation_participants.user_id = %(person)s;
