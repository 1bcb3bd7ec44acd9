-- A table that was adopted belongs to another program too: it stays.
DO $$
BEGIN
    IF obj_description('exchanges'::regclass) LIKE 'adopted%' THEN
        RAISE NOTICE 'exchanges was adopted and stays';
    ELSE
        DROP TABLE exchanges;
    END IF;
END $$;
