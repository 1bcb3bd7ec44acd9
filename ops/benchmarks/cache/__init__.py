"""What the cache does under load, beside bare django-redis: in a database, a Valkey and processes of its own."""
