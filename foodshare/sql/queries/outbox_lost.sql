-- Have rows published again whose entries were lost, unless they have been applied or published meanwhile.
UPDATE outbox_events AS row
SET stream_id = NULL
FROM unnest(%(ids)s::bigint[], %(entries)s::text[]) AS told (id, entry)
WHERE row.id = told.id AND row.stream_id = told.entry
