"""What the database has changed of what the cache may hold."""

from django.db import models
from django.db.models.expressions import Func
from knox.models import AuthToken

from foodshare.db.invalidation import noted


class CurrentTransaction(Func):
    """The number of the transaction that writes, as a whole number."""

    template = "(pg_current_xact_id()::text)::bigint"
    output_field = models.BigIntegerField()


class CacheInvalidation(models.Model):
    """A change that the relay of invalidations has not delivered yet; triggers write it (foodshare.db.invalidation)."""

    id = models.BigAutoField(primary_key=True)
    change = models.CharField(max_length=30, help_text="As foodshare.cache.keys.CHANGES names it.")
    subject = models.CharField(max_length=150, help_text="The id of what changed; * for very many.")
    xid = models.BigIntegerField(db_default=CurrentTransaction(), help_text="The transaction that changed it.")

    class Meta:
        db_table = "cache_invalidations"

    def __str__(self) -> str:
        return f"{self.change} {self.subject}"


class WatchedToken(AuthToken):
    """knox's tokens, with triggers."""

    class Meta:
        proxy = True
        triggers = noted("token", ["digest"], updates=["expiry", "user_id"], key="digest")
