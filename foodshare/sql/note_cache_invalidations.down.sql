DROP FUNCTION note_cache_invalidations(text, text[]);
