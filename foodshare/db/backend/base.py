"""Django's PostgreSQL backend, as the project uses it."""

from django.db.backends.postgresql.base import DatabaseWrapper

__all__ = ["DatabaseWrapper"]
