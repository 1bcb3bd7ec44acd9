ALTER TABLE users DROP COLUMN verification_level;
ALTER TABLE users DROP COLUMN sharing_mode;
