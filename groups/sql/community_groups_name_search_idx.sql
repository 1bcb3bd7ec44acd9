-- Searches by beginnings of a name's words, in any case.
CREATE INDEX CONCURRENTLY community_groups_name_search_idx
ON community_groups USING gin (to_tsvector('simple', regexp_replace(name, '\W+', ' ', 'g')));
