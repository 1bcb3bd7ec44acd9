"""A database for measuring writes: beside the platform's, with its schema, and gone afterwards."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql
from redis import Redis

from ops import children

NAME = "foodshare_benchmark"
STREAM_DATABASE = 15  # of the streams' Valkey


class ScratchFailed(RuntimeError):
    """No database could be made to measure in."""


@dataclass(frozen=True)
class Scratch:
    """`url` and `owner_url` are the two roles', `variables` the environment of a process that works on it."""

    url: str
    owner_url: str
    variables: dict[str, str]

    def connect(self, **options: Any) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url, autocommit=True, **options)


@contextmanager
def scratch() -> Iterator[Scratch]:
    """Make it, and take it away again; what an interrupted run left is replaced. Raises ScratchFailed."""
    found = described()
    try:
        remake(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")
        migrate(found.variables)
        with Redis.from_url(found.variables["STREAM_URL"]) as streams:
            streams.flushdb()
        yield found
    except (psycopg.Error, OSError) as error:
        raise ScratchFailed(f"{error}".strip()) from error
    finally:
        remake(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def migrate(variables: Mapping[str, str]) -> None:
    """Make the schema. Raises ScratchFailed."""
    done = subprocess.run([sys.executable, str(children.MANAGE), "migrate", "--verbosity", "0"], check=False,
                          env={**os.environ, **variables}, capture_output=True, text=True)
    if done.returncode:
        raise ScratchFailed(done.stderr.strip())


def described() -> Scratch:
    url, owner_url = (in_database(url, NAME) for url in (settings.DATABASE_URL, settings.DATABASE_OWNER_URL))
    return Scratch(url, owner_url, {
        "DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url, "REPLICA_URL": "", "REDIS_URL": settings.REDIS_URL,
        "STREAM_URL": in_database(settings.STREAM_URL, str(STREAM_DATABASE)), "SECRET_KEY": settings.SECRET_KEY})


def in_database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def remake(*statements: str) -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))
