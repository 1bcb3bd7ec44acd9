"""`manage.py serve_live`: sends new messages to who listens, as server-sent events.

One process, one thread, one connection for pub/sub and at most two to the primary, however many listen. It takes
Django's settings and not its ORM: two statements of its own tell what a person may hear and what they missed.

`channels` hears Valkey, `store` asks PostgreSQL, `hub` knows who hears what, `app` speaks HTTP, `server` runs them.
"""
