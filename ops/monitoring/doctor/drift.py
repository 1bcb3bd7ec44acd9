"""Indexes that the migrations make: which those are, and the SQL that puts one back which is gone or not valid."""

import re
from collections.abc import Iterator
from functools import cache

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ops import schema
from ops.monitoring.doctor import mending

ADVICE = "the migrations make it: put it back by this SQL; no migration is needed"
NAME = re.compile(r"CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(\S+) ON ")
# One of plain columns, as far as that tells which it begins with, and which rows it leaves out.
PLAIN = re.compile(r" ON (?P<table>\w+) \((?P<keys>[\w ,]+)\)(?: WHERE \(?(?P<predicate>.*?)\)?)?$")


@cache
def made_by_migrations() -> dict[str, str]:
    """By name, the statements of all indexes that our migrations and those of packages make, each on one line."""
    connection = connections["owner"]
    found = dict(of_packages(connection)) | schema.expected(connection)["index"]
    return {name: mending.uncommented(definition) for name, definition in found.items()}


def of_packages(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Those of every app but the ones that the schema is written down of."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and model._meta.app_label not in schema.OUR_APPS:
            for statement in schema.statements(connection, model):
                if match := NAME.match(statement):
                    yield match[1], statement


def serving(definitions: dict[str, str], table: str, columns: list[str]) -> str | None:
    """The index by which rows of the table are found by these columns, in any order: it begins with them, and leaves
    out rows without one only."""
    for name, definition in definitions.items():
        match = PLAIN.search(definition)
        if match and match["table"] == table and match["predicate"] in (None, f"{columns[0]} IS NOT NULL"):
            keys = [key.split()[0] for key in match["keys"].split(",")]
            if sorted(keys[:len(columns)]) == sorted(columns):
                return name
    return None
