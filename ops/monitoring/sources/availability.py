"""Availability and error budget, from what the worker keeps of each minute."""

from collections.abc import Iterator

from django.db import connections

from ops.monitoring import availability
from ops.monitoring.figures import Figure


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    yield "foodshare_availability_objective_ratio", {}, availability.OBJECTIVE
    for window in availability.WINDOWS:
        yield "foodshare_availability_ratio", {"window": window}, availability.share(
            *availability.requests(connection, window))
    yield "foodshare_error_budget_remaining_ratio", {}, availability.budget(
        *availability.requests(connection, availability.BUDGET))
