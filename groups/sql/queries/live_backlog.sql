-- The messages since a time, oldest first, in the places that a person may hear. `since` and `until`, bound as
-- literals, leave one or two partitions to plan; each place is walked along its own index, as with `room OR
-- conversation` or one list of all rooms PostgreSQL reads all that was written since.
SELECT
    'message' AS event,
    message.id,
    message.room_id AS room,
    message.conversation_id AS conversation,
    message.sender_id AS sender,
    message.type,
    message.content,
    message.created_at,
    message.edited_at,
    message.deleted_at
FROM (
    SELECT found.*
    FROM unnest(%(rooms)s::UUID []) AS place
    CROSS JOIN LATERAL (
        SELECT messages.*
        FROM messages
        WHERE messages.room_id = place
            AND messages.created_at BETWEEN %(since)s AND %(until)s
        ORDER BY messages.created_at, messages.id
        LIMIT %(limit)s
    ) AS found
    UNION ALL
    SELECT found.*
    FROM unnest(%(conversations)s::UUID []) AS place
    CROSS JOIN LATERAL (
        SELECT messages.*
        FROM messages
        WHERE messages.conversation_id = place
            AND messages.created_at BETWEEN %(since)s AND %(until)s
        ORDER BY messages.created_at, messages.id
        LIMIT %(limit)s
    ) AS found
) AS message
ORDER BY message.created_at, message.id
LIMIT %(limit)s;
