-- Keyset pages of people by name; what many are found by is met soon on the way.
CREATE INDEX CONCURRENTLY users_name_id_idx
ON users (name, id);
