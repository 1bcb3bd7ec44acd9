"""Django's PostgreSQL backend with a pool that mends itself."""
