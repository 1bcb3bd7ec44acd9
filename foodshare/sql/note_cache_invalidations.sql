-- Notes that something changed of which the cache may hold copies. With its owner's rights, so that whoever may change
-- the table need not know of the cache. Of a change of very many rows only that.
CREATE FUNCTION note_cache_invalidations(change text, subjects text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO public.cache_invalidations (change, subject)
    SELECT DISTINCT note_cache_invalidations.change, each
    FROM unnest(CASE WHEN cardinality(subjects) > 10000 THEN ARRAY['*'] ELSE subjects END) AS each
    WHERE each IS NOT NULL;
$$;
