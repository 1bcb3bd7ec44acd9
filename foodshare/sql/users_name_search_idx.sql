-- Searches by beginnings of a name's words, in any case.
CREATE INDEX CONCURRENTLY users_name_search_idx
ON users USING gin (to_tsvector('simple', regexp_replace(name, '\W+', ' ', 'g')));
