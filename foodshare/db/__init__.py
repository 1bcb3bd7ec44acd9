"""Fields, migration operations, routing and the connection pool: no models."""
