"""Which database a query goes to."""

from typing import Any

from django.conf import settings
from django.db.models import Model


class ReplicaRouter:
    """Reads of models with `read_from_replica = True` go to a standby, all else to the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        if getattr(model, "read_from_replica", False) and settings.READ_FROM_REPLICAS:
            return settings.REPLICA_ALIASES[0]
        return "default"

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return "default"

    def allow_relation(self, *_: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db not in settings.REPLICA_ALIASES
