-- Have rows published again whose entries were lost, unless they have been applied or published meanwhile. One that a
-- consumer holds is being applied.
UPDATE outbox_events
SET stream_id = NULL
WHERE id IN (
    SELECT row.id
    FROM unnest(%(ids)s::bigint[], %(entries)s::text[]) AS told (id, entry)
    JOIN outbox_events AS row ON row.id = told.id AND row.stream_id = told.entry
    FOR NO KEY UPDATE OF row SKIP LOCKED
)
