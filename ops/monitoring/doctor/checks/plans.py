"""Plans that can no longer be those of the stored baseline, as an index is gone by which they find their rows."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops import schema
from ops.monitoring.doctor import mending
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.doctor.names import endpoints_of_table, model_of
from ops.monitoring.plans import baseline
from ops.monitoring.sources.indexes import indexes


def regressions(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    there = {index.name for index in indexes(connection) if index.valid}
    gone = {key: queries for key, queries in baseline.indexes_of(baseline.newest()).items() if key[0] not in there}
    definitions = schema.expected(connection)["index"] if gone else {}
    for (index, table), queries in sorted(gone.items()):
        fix, migration = mending.make_again(table, index, definitions[index]) if index in definitions else ((), None)
        yield Finding(
            Severity.CRITICAL, "plans", index,
            f"{index} of {table} is gone or not valid, by which these are planned: {', '.join(sorted(queries))}",
            "they find their rows by another index, or read all of the table, which is slower the more there is",
            "make it again; see `manage.py plans check` for the plans", model_of(table), endpoints_of_table(table),
            fix, migration)
