-- When a rating ceased to be hidden from whom it rates. NULL by default, so that no row is rewritten. May be run again.
ALTER TABLE ratings ADD COLUMN IF NOT EXISTS revealed_at TIMESTAMP;
