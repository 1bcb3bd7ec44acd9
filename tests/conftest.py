"""Fixtures for every test: real servers, one test database, people and groups to act with."""

from collections.abc import Iterable, Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker, Settings

from foodshare.cache.keys import WRITERS, prefixed
from foodshare.cache.server import client
from foodshare.db import standbys
from foodshare.db.roles import grant_runtime
from tests.databases import close_all, drop, pristine, recreate, revoke_temporary
from tests.plans import renew

# Every table but those that migrations fill, each before those it refers to.
CHILDREN_FIRST = """
    WITH RECURSIVE depths (relation, depth) AS (
        SELECT oid, 0 FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        UNION
        SELECT confrelid, depth + 1 FROM depths JOIN pg_constraint ON conrelid = relation
        WHERE contype = 'f' AND conrelid <> confrelid AND depth < 20
    )
    SELECT relation::regclass::text FROM depths
    WHERE relation::regclass::text NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    GROUP BY relation ORDER BY max(depth), 1
"""

MANY_PEOPLE = "SELECT count(*) > 500 FROM (SELECT FROM users LIMIT 501) AS people"


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_modify_db_settings: None,
                    django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A test database for each process that runs tests; the owner makes it, the runtime role uses it.

    The standby sees it too. The runtime role may not create databases, so the default connection borrows the
    owner's name while the database is made and dropped.
    """
    if settings.EMBEDDED_SERVERS:
        from ops import servers

        servers.start(settings.FOODSHARE_DATA_DIR)
    client(settings.REDIS_URL).delete(prefixed(WRITERS))  # a site that ran here knew up to where its people had read
    default, owner = connections["default"], connections["owner"]
    runtime = {key: default.settings_dict[key] for key in ("USER", "PASSWORD")}
    owners = {key: owner.settings_dict[key] for key in ("USER", "PASSWORD")}
    with django_db_blocker.unblock():
        default.settings_dict.update(owners)
        databases = setup_databases(
            verbosity=0, interactive=False, aliases=["default", "owner"],  # type: ignore[arg-type]  # the stubs take a mapping
            serialized_aliases=set(), keepdb=request.config.getvalue("reuse_db"),
        )
        name = default.settings_dict["NAME"]
        grant_runtime(owner, settings.RUNTIME_ROLE)
        revoke_temporary(owner, name)
        close_all()
        recreate(owner, pristine(name), template=name)
        default.settings_dict.update(runtime)
        for connection in (default, owner):
            connection.ops.sql_flush = nothing  # type: ignore[method-assign]
            connection.ops.execute_sql_flush = flush_as_owner  # type: ignore[assignment]
        for alias in settings.REPLICA_ALIASES:
            connections[alias].settings_dict["NAME"] = name
    yield
    standbys.stop()
    with django_db_blocker.unblock():
        connections.close_all()
        default.settings_dict.update(owners)
        teardown_databases(databases, verbosity=0)
        drop(owner, pristine(name))


def nothing(*_: object, **options: object) -> list[str]:
    """The statements by which Django would empty the tables: none, so that it does not fill its own anew either."""
    return []


def flush_as_owner(_: Iterable[str]) -> None:
    """Empty the tables after a test that commits, as the owner: the runtime role may not TRUNCATE.

    To TRUNCATE a hundred tables that are mostly empty takes seconds; to DELETE people by the thousand does too, as
    each is looked for in every partition.
    """
    owner = connections["owner"]
    with owner.get_new_connection(owner.get_connection_params()) as connection:
        tables = [table for (table,) in connection.execute(CHILDREN_FIRST).fetchall()]
        (are_many,) = connection.execute(MANY_PEOPLE).fetchone()
        truncation, deletions = f"TRUNCATE {', '.join(tables)}", [f"DELETE FROM {table}" for table in tables]
        for statement in [truncation] if are_many else deletions:
            connection.execute(statement)


@pytest.fixture
def as_new(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tables whose plans and pages are those of the test's own rows: what others took back or deleted is gone from
    them, and so is what the planner knew of it."""
    with django_db_blocker.unblock():
        renew(connections["owner"])


@pytest.fixture(autouse=True)
def replicas(request: pytest.FixtureRequest, settings: Settings) -> None:
    """A rolled-back test reads all from the primary: a standby never sees what is not committed."""
    if request.node.get_closest_marker("replica") is None:
        settings.READ_FROM_REPLICAS = False
