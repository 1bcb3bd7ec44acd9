-- The admin's list of staff.
CREATE INDEX CONCURRENTLY users_created_at_id_staff_idx
ON users (created_at DESC, id DESC)
WHERE is_staff;
