"""What Patroni tells of the cluster, where PATRONI_URL names it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from foodshare.db import members
from ops.monitoring.figures import Figure

LEADERS = ("leader", "standby_leader")


def told() -> list[dict[str, Any]]:
    """The members, by the first of PATRONI_URL that answers. Raises OSError where none does."""
    for url in settings.PATRONI_URLS:
        try:
            return members.members(url)
        except (OSError, ValueError, KeyError):
            continue
    raise OSError("no PATRONI_URL answers")


def figures() -> Iterator[Figure]:
    if settings.PATRONI_URLS:
        found = told()
        yield "foodshare_cluster_leader", {}, any(member.get("role") in LEADERS for member in found)
        for state, count in Counter(str(member.get("state")) for member in found).items():
            yield "foodshare_cluster_members", {"state": state}, count
