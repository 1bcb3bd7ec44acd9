"""The expected schema held against the live catalog, object by object."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from groups.summary import definition_in_force
from ops import catalog, schema
from ops.catalog import Catalog, Found, plain
from ops.partitions import layout
from ops.partitions.layout import Layout
from ops.partitions.plan import is_past

GROUP_KEY = "food_posts FOREIGN KEY (group_id)"
GROUP_KEY_NOTE = ("posts from before the adoption name groups that are not here; once they are, run "
                  "ALTER TABLE food_posts ADD CONSTRAINT food_posts_group_id_fkey "
                  "FOREIGN KEY (group_id) REFERENCES community_groups (id)")
ORPHANS = """
    SELECT EXISTS (SELECT FROM food_posts p WHERE p.group_id IS NOT NULL
                   AND NOT EXISTS (SELECT FROM community_groups g WHERE g.id = p.group_id))
"""
IS_SUPERUSER = "SELECT current_setting('is_superuser') = 'on'"
RELATIONS = ("table", "view", "materialized view")
WHOLE = (*RELATIONS, "function", "sequence")  # what is no part of a table
LIBRARIES = ("pgtrigger_", "_pgtrigger_", "procrastinate_")  # how the functions that libraries make are named
KINDS = ("table", "column", "constraint", "partitioning", "partition", "index", "view", "materialized view", "function",
         "sequence", "trigger", "extension", "role", "time zone")  # as they are listed
NEED_SUPERUSER = {"pg_stat_statements"}  # the others are trusted: the database's owner can create them


class State(StrEnum):
    """What is the matter with an object."""

    OK = "OK"
    MISSING = "MISSING"
    DIFFERENT = "DIFFERENT"
    INVALID = "INVALID"
    EXTRA = "EXTRA"


@dataclass(frozen=True)
class Circumstances:
    """What makes a deviation no fault of this database."""

    adopted: frozenset[str]  # tables
    unknown_groups: bool  # some posts name groups that are not here
    superuser: bool  # whether the owner's role may create every extension
    detached: frozenset[str]  # partitions past their time


@dataclass(frozen=True)
class Finding:
    """One object as it should be and as it is. A tolerated one is told, with the reason, and is no failure."""

    kind: str
    name: str
    state: State
    expected: str = ""
    found: str = ""
    note: str = ""
    tolerated: bool = False

    @property
    def fails(self) -> bool:
        return self.state is not State.OK and not self.tolerated

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def verify(owner: BaseDatabaseWrapper, runtime: BaseDatabaseWrapper) -> list[Finding]:
    """Judge the database that `owner` migrates and `runtime` serves; changes nothing."""
    found = catalog.read(owner)
    expected = schema.expected(owner)
    runtime_role, owner_role = settings.RUNTIME_ROLE, settings.OWNER_ROLE
    expected["role"] = schema.expected_rights(runtime_role)
    found["role"] = catalog.read_rights(owner, runtime_role, owner_role)
    tree, today = layout.read(owner), datetime.now(UTC).date()
    expected["partition"] = expected_partitions(tree, today)
    found["partition"] = {item.name: Found(item.bounds, item.parent, not item.pending) for item in tree.partitions}
    expected["time zone"] = {runtime_role: "UTC", owner_role: "UTC"}
    found["time zone"] = catalog.read_time_zone(owner) | catalog.read_time_zone(runtime)
    findings = [*compare(expected, found), *unknown_objects(expected, found), judge_summary(owner, found)]
    findings.sort(key=lambda finding: KINDS.index(finding.kind))
    detached = frozenset(name for name, told in tree.leftovers() if is_past(told.partitioning, told.first, today))
    circumstances = read_circumstances(owner, found, detached)
    return [tolerate(finding, circumstances, found) for finding in findings]


def expected_partitions(tree: Layout, today: date) -> dict[str, str]:
    """Every partition with the bounds that its name tells, and the present one of every table that takes rows."""
    present = (branch.told(branch.partitioning.period.first(today)) for branch in tree.branches if branch.in_use)
    return ({item.name: item.expected for item in tree.partitions if item.expected}
            | {told.name: told.bounds for told in present})


def read_circumstances(connection: BaseDatabaseWrapper, found: Catalog, detached: frozenset[str]) -> Circumstances:
    """Ask only what the catalog says can be asked: the database may be empty."""
    has_both = {"food_posts.group_id", "community_groups.id"} <= found["column"].keys()
    adopted = (name for name, table in found["table"].items() if table.definition.endswith(", adopted"))
    return Circumstances(frozenset(adopted), has_both and _is_true(connection, ORPHANS),
                         _is_true(connection, IS_SUPERUSER), detached)


def compare(expected: schema.Expected, found: Catalog) -> Iterator[Finding]:
    """Judge every expected object, and whatever else the documents' tables hold or any table is partitioned into."""
    found = {**found, "constraint": by_columns(found["constraint"])}
    for kind, definitions in expected.items():
        for name, definition in definitions.items():
            yield judge(kind, name, definition, found[kind].get(name))
        for name in sorted(found[kind].keys() - definitions.keys()):
            in_documents = found[kind][name].table in schema.DOCUMENT_TABLES | {schema.SUMMARY} and kind != "table"
            if in_documents or kind == "partition":
                yield Finding(kind, name, State.EXTRA, found=found[kind][name].definition)


def unknown_objects(expected: schema.Expected, found: Catalog) -> Iterator[Finding]:
    """Tables, views, functions and sequences that belong to no installed app and no extension."""
    functions = {name for name in found["function"] if name.startswith(LIBRARIES)} | expected["function"].keys()
    known = dict.fromkeys(RELATIONS, schema.known_relations()) | {"function": functions, "sequence": set()}
    for kind, names in known.items():
        for name in sorted(found[kind].keys() - names):
            yield Finding(kind, name, State.EXTRA, found=found[kind][name].definition)


def judge(kind: str, name: str, definition: str, found: Found | None) -> Finding:
    """Judge one expected object."""
    if found is None:
        return Finding(kind, name, State.MISSING, definition)
    if plain(found.definition).removesuffix(", adopted") != plain(definition):
        return Finding(kind, name, State.DIFFERENT, definition, found.definition)
    return Finding(kind, name, State.OK if found.valid else State.INVALID, definition, found.definition)


def judge_summary(connection: BaseDatabaseWrapper, found: Catalog) -> Finding:
    """Judge the materialized view, which may be either of two equal definitions, and name the one in force."""
    view = found["materialized view"].get(schema.SUMMARY)
    if view is None:
        return Finding("materialized view", schema.SUMMARY, State.MISSING)
    in_force = definition_in_force(connection)
    if in_force is None:
        return Finding("materialized view", schema.SUMMARY, State.DIFFERENT, "exact or aggregated", view.definition)
    state = State.OK if view.valid else State.INVALID
    return Finding("materialized view", schema.SUMMARY, state, "exact or aggregated", in_force,
                   note="" if view.valid else "it was never filled")


def tolerate(finding: Finding, circumstances: Circumstances, found: Catalog) -> Finding:
    """Tolerate, with a reason, what is no fault of this database."""
    reason = ""
    if finding.kind == "constraint" and finding.name == GROUP_KEY and circumstances.unknown_groups:
        reason = GROUP_KEY_NOTE
    elif finding.kind == "extension" and finding.name in NEED_SUPERUSER and not circumstances.superuser:
        reason = f"an administrator must run CREATE EXTENSION {finding.name} in this database"
    elif finding.kind == "role" and finding.name.endswith(schema.TEMPORARY) and circumstances.adopted:
        reason = ("PUBLIC may, and the program that the database was adopted from may need it; if not, run "
                  "REVOKE TEMPORARY ON DATABASE … FROM PUBLIC")
    elif finding.state is State.EXTRA and finding.name in circumstances.detached:
        reason = "a partition past its time, detached as the settings order"
    elif finding.state is State.EXTRA and finding.kind in WHOLE and circumstances.adopted:
        reason = "belongs to the program that the database was adopted from"
    elif finding.state is State.EXTRA and _table_of(finding, found) in circumstances.adopted:
        reason = "belongs to the program that the table was adopted from"
    return replace(finding, tolerated=True, note=reason) if reason and finding.fails else finding


def by_columns(constraints: Mapping[str, Found]) -> dict[str, Found]:
    """Name keys by their columns; of two on the same columns the second keeps its own name, and is extra."""
    named: dict[str, Found] = {}
    for full_name, found in sorted(constraints.items()):
        table, name = full_name.split(".", 1)
        key = schema.constraint_name(table, name, found.definition)
        named[full_name if key in named else key] = found
    return named


def _table_of(finding: Finding, found: Catalog) -> str:
    objects = {**found, "constraint": by_columns(found["constraint"])}
    return objects[finding.kind][finding.name].table


def _is_true(connection: BaseDatabaseWrapper, query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return bool(cursor.fetchone()[0])


def summarize(findings: Iterable[Finding]) -> dict[str, int]:
    """How many objects there are of each state; the tolerated ones count apart, whatever their state."""
    counts = dict.fromkeys((*map(str, State), "tolerated"), 0)
    for finding in findings:
        counts["tolerated" if finding.tolerated else finding.state] += 1
    return counts
