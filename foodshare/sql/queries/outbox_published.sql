-- Mark rows with the entries that carry them.
UPDATE outbox_events AS row
SET stream_id = told.entry
FROM unnest(%(ids)s::bigint[], %(entries)s::text[]) AS told (id, entry)
WHERE row.id = told.id
