"""Which model a table belongs to, and which endpoints run statements on it."""

import re
from functools import cache

from django.apps import apps
from django.db import models

from ops.models import StatementEndpoint
from ops.monitoring.endpoints import endpoints_of

SHOWN = 5  # endpoints of one finding


@cache
def models_by_table() -> dict[str, type[models.Model]]:
    """By table, the model that it is the table of; what proxies one is passed over."""
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)
            if not model._meta.proxy}


def model_of(table: str) -> str | None:
    """A table's model as `app.Model`; None of a table without one, or of a partition that is none any more."""
    model = models_by_table().get(table)
    return model._meta.label if model else None


def endpoints_of_table(table: str) -> tuple[str, ...]:
    """The endpoints that name the table in a statement, those that do it most first."""
    mentions = rf"\y{re.escape(table)}\y"
    found = (StatementEndpoint.objects.using("owner").filter(statement__regex=mentions).values("endpoint")
             .annotate(total=models.Sum("calls")).order_by("-total", "endpoint"))
    return tuple(found.values_list("endpoint", flat=True)[:SHOWN])


def endpoints_of_statement(fingerprint: str) -> tuple[str, ...]:
    """The endpoints that run a statement, those that do it most first."""
    return tuple(ran.endpoint for ran in endpoints_of(fingerprint)[:SHOWN])
