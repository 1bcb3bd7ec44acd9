"""For tests that read the real standby."""

import time

import pytest
from django.conf import settings
from django.db import connections

from foodshare.db import standbys

needs_standby = pytest.mark.skipif(not settings.REPLICA_ALIASES, reason="REPLICA_URL names no standby")


def caught_up(seconds: float = 30) -> None:
    """Wait until the standby has replayed what the primary holds now, and this process knows."""
    with connections["owner"].cursor() as primary, connections["replica"].cursor() as standby:
        primary.execute("SELECT pg_current_wal_lsn()")
        (position,) = primary.fetchone()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [position])
            if standby.fetchone() == (True,) and standbys.find() == "replica":
                return
            time.sleep(0.01)
    raise AssertionError(f"the standby did not catch up within {seconds} s")
