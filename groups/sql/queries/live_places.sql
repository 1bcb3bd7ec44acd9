-- What a person may hear now. No row at all: nobody who may listen, as suspended people and pending neighbors are.
WITH listener AS (
    SELECT id, sharing_mode
    FROM users
    WHERE id = %(person)s
        AND is_active
        AND (sharing_mode = 'neighborhood' AND verification_level = 'pending') IS NOT TRUE
),

own_groups AS (
    SELECT community_groups.id
    FROM listener
    INNER JOIN group_memberships ON group_memberships.user_id = listener.id AND group_memberships.state = 'active'
    INNER JOIN community_groups
        ON group_memberships.group_id = community_groups.id AND community_groups.group_type = listener.sharing_mode
)

SELECT 'person' AS kind, id FROM listener
UNION ALL
SELECT 'group', id FROM own_groups
UNION ALL
SELECT 'room', rooms.id FROM own_groups INNER JOIN rooms ON own_groups.id = rooms.group_id
UNION ALL
SELECT 'conversation', conversation_participants.conversation_id
FROM listener
INNER JOIN conversation_participants ON listener.id = conversation_participants.user_id;
