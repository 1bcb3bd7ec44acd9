"""Triggers by which the database itself notes what changed of what the cache may hold, whoever writes it and how."""

from collections.abc import Sequence

import pgtrigger

OLD, NEW = "old_rows", "new_rows"


def noted(change: str, subjects: Sequence[str], *, updates: Sequence[str] = (), inserts: bool = False,
          deletes: bool = True, key: str = "id") -> list[pgtrigger.Trigger]:
    """For a model's Meta.triggers: note `change` of what the columns `subjects` hold, of new and of old rows.

    Of an update only where a column of `updates` changed, or, if it names none, not at all. One trigger for each kind
    of statement, however many rows that has. `key` is the primary key's column.
    """
    row_of = ", ".join
    triggers = [make(change, pgtrigger.Truncate, "ARRAY['*']")]
    if updates:
        differ = f"({row_of(f'o.{c}' for c in updates)}) IS DISTINCT FROM ({row_of(f'n.{c}' for c in updates)})"
        both = row_of(f"{row}.{column}::text" for row in "on" for column in subjects)
        triggers.append(make(change, pgtrigger.Update, listed(
            both, f"{OLD} AS o JOIN {NEW} AS n USING ({key}) WHERE {differ}"), old=OLD, new=NEW))
    each = row_of(f"{column}::text" for column in subjects)
    if inserts:
        triggers.append(make(change, pgtrigger.Insert, listed(each, NEW), new=NEW))
    if deletes:
        triggers.append(make(change, pgtrigger.Delete, listed(each, OLD), old=OLD))
    return triggers


def listed(columns: str, rows: str) -> str:
    return f"ARRAY(SELECT DISTINCT unnest(ARRAY[{columns}]) FROM {rows})"


def make(change: str, operation: pgtrigger.Operation, subjects: str, **rows: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"{change}_{str(operation).lower()}_noted", level=pgtrigger.Statement, when=pgtrigger.After,
        operation=operation, referencing=pgtrigger.Referencing(**rows) if rows else None,  # type: ignore[no-untyped-call]
        func=f"PERFORM note_cache_invalidations('{change}', {subjects}); RETURN NULL;")
