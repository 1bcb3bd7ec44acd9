"""What the schema has lost, or has beside what the migrations make: tables, columns, indexes, triggers, rights."""

import re
from collections.abc import Iterator

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops import catalog, verification
from ops.catalog import Catalog
from ops.monitoring.doctor import drift, mending
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import Limits
from ops.monitoring.doctor.names import endpoints_of_table, model_of
from ops.verification import State

BOTH_SIDES = "see `manage.py verify_schema` for both sides"
UNENFORCED = "its foreign keys are not enforced"
ON = re.compile(r" ON (?:ONLY )?(?:public\.)?(\w+)")


def schema(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """What verify_schema says. Indexes that are not valid are told of elsewhere."""
    failures = [found for found in verification.verify(connection, connections["default"])
                if found.fails and found.state is not State.INVALID]
    there = catalog.read(connection) if failures else {}
    for found in failures:
        yield judged(found, table_of(found, there))


def table_of(found: verification.Finding, there: Catalog) -> str:
    """The table that it belongs to; of a lost one what its definition or its name says; empty for a role."""
    live = there.get(found.kind, {}).get(found.name)
    if live and live.table:
        return live.table
    if found.kind == "index" and (match := ON.search(found.expected)):
        return match[1]
    return "" if found.kind in ("role", "trigger") else re.split(r"[ .(]", found.name)[0]


def judged(found: verification.Finding, table: str) -> Finding:
    severity, what = Severity.WARNING, f"{found.kind} {found.name}: {found.state.lower()}"
    why, advice = "the code, or the two documents, expect another", BOTH_SIDES
    fix: tuple[str, ...] = ()
    if is_disabled(found):
        severity, what = Severity.CRITICAL, f"the trigger {found.name} of {table} is disabled"
        why = "the rule that it keeps is not kept, whoever writes"
        advice = "enable it, then look for rows that break it"
        fix = (f"ALTER TABLE {table} ENABLE TRIGGER {mending.quoted(found.name)}",)
    elif found.kind == "table" and UNENFORCED in found.found:
        severity, what = Severity.CRITICAL, f"foreign keys of {table} are disabled"
        why = "rows may refer to what is not there"
        advice = "enable them as superuser, then look for rows that break them"
        fix = (f"ALTER TABLE {table} ENABLE TRIGGER ALL",)
    elif found.kind == "trigger" and found.state is not State.EXTRA:
        advice = f"`manage.py pgtrigger install --database owner` puts it back; {BOTH_SIDES}"
    elif found.kind == "index":
        advice, fix = mended_index(found)
    return Finding(severity, "schema", found.name, what, why, advice, model_of(table) if table else None,
                   endpoints_of_table(table) if table else (), fix, by_hand=any("TRIGGER ALL" in each for each in fix))


def is_disabled(found: verification.Finding) -> bool:
    """Whether a trigger is as it should be but for that."""
    return found.kind == "trigger" and found.found.startswith("disabled")


def mended_index(found: verification.Finding) -> tuple[str, tuple[str, ...]]:
    """What to do with an index that is lost, another, or no migration's; and by which statements."""
    if found.state is State.EXTRA:
        is_partitioned = " ON ONLY " in found.found
        return ("drop it, or have the model and a migration make it",
                (mending.drop_statement(found.name, is_partitioned),))
    return drift.ADVICE, mending.put_back(found.name, mending.uncommented(found.expected))
