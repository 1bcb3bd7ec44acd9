CREATE INDEX CONCURRENTLY another_name ON users (name);
