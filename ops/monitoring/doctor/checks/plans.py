"""Plans that can no longer be those of the stored baseline, as an index is gone by which they find their rows."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor import drift, mending
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.doctor.names import endpoints_of_table, model_of
from ops.monitoring.plans import baseline
from ops.monitoring.sources.indexes import indexes


def regressions(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    there = {index.name for index in indexes(connection) if index.valid}
    gone = {key: queries for key, queries in baseline.indexes_of(baseline.newest()).items() if key[0] not in there}
    definitions = drift.made_by_migrations() if gone else {}
    for (index, table), queries in sorted(gone.items()):
        fix = mending.put_back(index, definitions[index]) if index in definitions else ()
        yield Finding(
            Severity.CRITICAL, "plans", index,
            f"{index} of {table} is gone or not valid, by which these are planned: {', '.join(sorted(queries))}",
            "they find their rows by another index, or read all of the table, which is slower the more there is",
            drift.ADVICE if fix else "see `manage.py plans check`: the baseline names an index that no migration makes",
            model_of(table), endpoints_of_table(table), fix)
