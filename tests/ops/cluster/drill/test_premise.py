"""No fault is judged unless the application's commits wait for a standby."""

from collections.abc import Callable, Iterator
from typing import LiteralString

import psycopg
import pytest

from ops import servers
from ops.cluster.drill.premise import refuse_unless_synchronous
from ops.cluster.drill.site import SiteFailed
from ops.servers.process import wait_until
from ops.servers.state import load

pytestmark = pytest.mark.slow
SYNCHRONOUS: LiteralString = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The way to a primary of its own, for each role; its standby is not synchronous."""
    directory = tmp_path_factory.mktemp("data")
    servers.start(directory)
    state = load(directory)
    assert state is not None
    try:
        yield lambda role: state.url("primary", role)
    finally:
        servers.stop(directory)


@pytest.fixture
def synchronous(urls: Callable[[str], str]) -> Iterator[psycopg.Connection]:
    """A superuser's connection, while the standby is synchronous."""
    with psycopg.connect(urls("postgres"), autocommit=True) as superuser:
        superuser.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        superuser.execute("SELECT pg_reload_conf()")
        assert wait_until(lambda: superuser.execute(SYNCHRONOUS).fetchone() == (1,), 30)
        yield superuser
        superuser.execute("ALTER SYSTEM RESET synchronous_standby_names")
        superuser.execute("SELECT pg_reload_conf()")
        assert wait_until(lambda: superuser.execute(SYNCHRONOUS).fetchone() == (0,), 30)


def test_without_a_synchronous_standby_nothing_is_judged(urls: Callable[[str], str]) -> None:
    with pytest.raises(SiteFailed, match=r"no synchronous standby \(its standbys: \S+ async\)"):
        refuse_unless_synchronous(urls("foodshare_app"))


@pytest.mark.usefixtures("synchronous")
def test_commits_that_wait_are_judged(urls: Callable[[str], str]) -> None:
    refuse_unless_synchronous(urls("foodshare_app"))


@pytest.mark.parametrize("setting", ["local", "off", "remote_write"])
def test_a_role_whose_commits_do_not_wait_is_named(
    urls: Callable[[str], str], synchronous: psycopg.Connection, setting: LiteralString
) -> None:
    synchronous.execute(f"ALTER ROLE foodshare_app SET synchronous_commit = {setting}")
    try:
        with pytest.raises(SiteFailed, match=f"synchronous_commit is {setting}, and not on or remote_apply"):
            refuse_unless_synchronous(urls("foodshare_app"))
    finally:
        synchronous.execute("ALTER ROLE foodshare_app RESET synchronous_commit")


def test_a_primary_that_does_not_answer_is_not_judged() -> None:
    with pytest.raises(SiteFailed, match="does not answer"):
        refuse_unless_synchronous("postgresql://foodshare_app@127.0.0.1:1/foodshare")
