"""Tables: bloat, vacuum, the end of numbers, constraints that were never validated."""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from ops.monitoring.doctor import mending
from ops.monitoring.doctor.findings import Finding, Severity
from ops.monitoring.doctor.limits import MB, Limits
from ops.monitoring.doctor.names import endpoints_of_table, model_of, models_by_table
from ops.monitoring.sources import constraints, sequences, vacuum
from ops.monitoring.sources.constraints import Constraint
from ops.monitoring.sources.sequences import Sequence
from ops.monitoring.sources.tables import tables


def bloated(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for table in tables(connection):
        if table.bloat is not None and table.bloat >= max(limits.table_bloat, limits.table_bloat_share * table.bytes):
            yield Finding(
                Severity.WARNING, "table_bloat", table.name,
                f"about {table.bloat // MB} of {table.bytes // MB} MB of {table.name} are empty or dead (an estimate)",
                "scans read the empty space too, and backups and standbys carry it",
                "VACUUM lets new rows have the space. To give it back to the disk run pg_repack, or VACUUM FULL in a "
                "maintenance window, which locks the table", model_of(table.name), endpoints_of_table(table.name),
                (f"VACUUM (ANALYZE) {table.name}",))


def overdue(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    """Tables that autovacuum does not keep up with, or is told to leave alone."""
    for table in vacuum.overdue(connection):
        if table.dead < limits.dead_rows or table.dead < limits.dead_times * table.threshold:
            continue
        why = "autovacuum is off for it" if not table.is_on else \
            f"autovacuum should have come at {table.threshold}: something holds it back, or it is too slow"
        fix = [f"VACUUM (ANALYZE) {table.table}"]
        if not table.is_on:
            fix.insert(0, f"ALTER TABLE {table.table} RESET (autovacuum_enabled)")
        yield Finding(
            Severity.WARNING, "vacuum", table.table,
            f"{table.dead} dead rows in {table.table}, beside {table.rows}; {why}",
            "every statement on it steps over them, and indexes grow", "vacuum it, and see who holds it back",
            model_of(table.table), endpoints_of_table(table.table), tuple(fix))


def held_back(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    if (age := vacuum.ages(connection).held_back) >= limits.held_back:
        yield Finding(
            Severity.WARNING, "vacuum_held_back", "database",
            f"somebody still sees rows as they were {age} transactions ago",
            "until they are done, vacuum removes nothing that died since, in any table",
            "end the transaction, the prepared transaction, the standby's query or the slot that is so old",
            fix_sql=("SELECT pid, usename, state, xact_start, age(backend_xmin) FROM pg_stat_activity "
                     "WHERE backend_xmin IS NOT NULL ORDER BY age(backend_xmin) DESC LIMIT 5",))


def wraparound(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    found = vacuum.ages(connection)
    for kind, age in (("transaction", found.xid_age), ("multixact", found.multixact_age)):
        if age >= limits.xid_age:
            yield Finding(
                Severity.CRITICAL if age >= limits.xid_age_critical else Severity.WARNING, "wraparound", kind,
                f"the oldest {kind} number that is not frozen is {age} old; at {found.most} the server stops",
                "at the end of numbers the database takes no more writes until it is vacuumed",
                "freeze the oldest tables, and see what holds vacuum back", fix_sql=("VACUUM (FREEZE)",))


def full_sequences(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    for sequence in sequences.sequences(connection):
        if sequence.ratio >= limits.sequence and not sequence.cycle:
            yield judged_sequence(sequence, limits)


def judged_sequence(sequence: Sequence, limits: Limits) -> Finding:
    """A column that is too small must go first: numbers beyond it would begin anew below zero, without an error."""
    table, widen = sequence.table, f"ALTER SEQUENCE {mending.quoted(sequence.name)} AS bigint"
    fix: tuple[str, ...] = (widen,)
    migration: str | None = mending.run_sql(table or "", widen)
    advice = "let it count on as a bigint"
    if sequence.holds:
        fix, migration = (), None
        advice = (f"make {table}.{sequence.column} a bigint before: a second column, filled in batches and kept by a "
                  "trigger, then the names swapped in one short transaction; to alter its type locks the table")
    return Finding(
        Severity.CRITICAL if sequence.ratio >= limits.sequence_critical else Severity.WARNING, "sequences",
        sequence.name, f"{sequence.ratio:.0%} of {sequence.name} is used: {sequence.used} of {sequence.most}",
        f"after the last number every INSERT into {table or 'what takes its numbers'} fails, or goes wrong", advice,
        model_of(table) if table else None, endpoints_of_table(table) if table else (), fix, migration)


def unvalidated(connection: BaseDatabaseWrapper, limits: Limits) -> Iterator[Finding]:
    yield from map(judged_constraint, constraints.invalid(connection))


def judged_constraint(constraint: Constraint) -> Finding:
    statement = f"ALTER TABLE {constraint.table} VALIDATE CONSTRAINT {mending.quoted(constraint.name)}"
    return Finding(
        Severity.WARNING, "invalid_constraints", f"{constraint.table}.{constraint.name}",
        f"{constraint.name} of {constraint.table} is not validated: {constraint.definition}",
        "rows from before it may break it, and the planner may not rely on it",
        "mend the rows that break it, if any, then validate it, which blocks nobody",
        model_of(constraint.table), endpoints_of_table(constraint.table), (statement,),
        validation(constraint, statement))


def validation(constraint: Constraint, statement: str) -> str:
    model = models_by_table().get(constraint.table)
    if model and constraint.name in {each.name for each in model._meta.constraints}:
        return mending.migration(
            constraint.table, f"ValidateConstraint({mending.model_name(constraint.table)!r}, {constraint.name!r})",
            imports="from django.contrib.postgres.operations import ValidateConstraint")
    return mending.run_sql(constraint.table, statement)
