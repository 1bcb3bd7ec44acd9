-- Document A, step 1.
ALTER TABLE users ADD COLUMN sharing_mode VARCHAR(20) DEFAULT 'neighborhood';
ALTER TABLE users ADD COLUMN verification_level VARCHAR(20) DEFAULT 'full';
