"""Partitions of the forum's categories."""

import time
from datetime import date

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

MOST_CATEGORIES = 12  # open ones: what a statement over all of them is planned over is categories × months
MONTHS_AHEAD = 3
LOCK_TIMEOUT = "300ms"  # well below deadlock_timeout; writers queue behind who waits for a lock
ATTEMPTS = 60
PAUSE = 0.5  # seconds between attempts, in which writers go on

MAKE = """
SELECT create_category_partition(%s, (%s::date + make_interval(months => n))::date)
FROM generate_series(0, %s) AS n
"""


def make_category_partitions(connection: BaseDatabaseWrapper, slug: str, at: date) -> None:
    """Make what is missing of a category's partitions for the month of `at` and those ahead.

    Waits but shortly for a lock, lets writers pass, and tries again; raises OperationalError when it never gets it.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
                cursor.execute(MAKE, [slug, at.replace(day=1), MONTHS_AHEAD])
            return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected) or attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE)
