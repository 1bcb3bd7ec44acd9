"""Running something in a transaction that is rolled back, and having the server explain each of its statements."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.test.utils import override_settings

from ops.monitoring.fingerprint import fingerprint, normal

NO_CACHE = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
EXPLAINED = re.compile(r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*\(*(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|VALUES)\b",
                       re.I | re.S)
WRITES = re.compile(r"\b(INSERT\s+INTO|UPDATE\s+\S+\s+(?:AS\s+\S+\s+)?SET|DELETE\s+FROM|MERGE\s+INTO)\b", re.I)


@dataclass(frozen=True)
class Explained:
    """A statement without its values, the server's plan of it, and whether it was run to make that."""

    statement: str
    fingerprint: str
    plan: dict[str, Any]
    is_analyzed: bool
    milliseconds: float | None  # of running it, where it was


class Captured:
    """An execute wrapper that has each statement explained before it runs."""

    def __init__(self, analyze: bool) -> None:
        self.analyze = analyze
        self.found: list[Explained] = []

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not many and isinstance(sql, str) and EXPLAINED.match(sql):
            self.found.append(explained(context["connection"].connection, sql, params, self.analyze))
        return execute(sql, params, many, context)


def explained(connection: Any, sql: str, params: Any, analyze: bool) -> Explained:
    """The plan of one statement. What writes is planned only; it is not run twice."""
    analyze = analyze and not WRITES.search(sql)
    options = "ANALYZE, BUFFERS, FORMAT JSON" if analyze else "FORMAT JSON"
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}) {sql}", params)
        [plan] = cursor.fetchone()[0]
    return Explained(normal(sql), fingerprint(sql), plan["Plan"], analyze, plan.get("Execution Time"))


@contextmanager
def captured(analyze: bool) -> Iterator[list[Explained]]:
    """Explain what the block runs on the primary, and take back what it wrote. Nothing is asked of the cache, nor kept
    in it, such as how often the person posted."""
    capture, no_caches = Captured(analyze), dict.fromkeys(settings.CACHES, NO_CACHE)
    with (override_settings(CACHE_VALUES=False, READ_FROM_REPLICAS=False, CACHES=no_caches), transaction.atomic(),
          connections["default"].execute_wrapper(capture)):
        yield capture.found
        transaction.set_rollback(True)
