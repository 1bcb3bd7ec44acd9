"""Reads go on while a standby is dead or hangs, and return to it."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.web.tools import Cluster, Site, served, wait_for


@pytest.fixture(scope="module")
def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("site") / "log", workers=2, threads=8, **cluster.urls) as site:
        yield site


def aliases(site: Site, times: int = 40) -> Counter[str]:
    """Who answered so many reads of the summary, all of which must succeed."""
    answers = site.ask_often("/summary", times, at_once=8)
    assert {status for status, _ in answers} == {200}
    assert all(body["standby"] == (body["alias"] == "replica") for _, body in answers)
    return Counter(body["alias"] for _, body in answers)


def all_from_standby(site: Site) -> bool:
    return set(aliases(site)) == {"replica"}


def test_the_summary_is_read_from_the_standby_and_all_else_from_the_primary(site: Site) -> None:
    wait_for(lambda: all_from_standby(site))
    status, body, _ = site.ask("/primary")
    assert (status, body["standby"]) == (200, False)


@pytest.mark.slow
def test_a_killed_standby_is_done_without_and_returns_to_use(site: Site, cluster: Cluster) -> None:
    wait_for(lambda: all_from_standby(site))
    cluster.kill("replica")
    assert set(aliases(site)) == {"default"}
    cluster.restart()
    wait_for(lambda: all_from_standby(site))


@pytest.mark.slow
def test_a_paused_standby_is_done_without_and_returns_to_use(site: Site, cluster: Cluster) -> None:
    wait_for(lambda: all_from_standby(site))
    with cluster.paused("replica"):
        assert set(aliases(site)) == {"default"}
    wait_for(lambda: all_from_standby(site))


def test_a_read_that_waits_for_a_primary_that_hangs_is_answered_by_the_standby(site: Site, cluster: Cluster) -> None:
    wait_for(lambda: all_from_standby(site))
    assert site.ask("/newest")[1]["alias"] == "default"
    with cluster.paused("primary"):
        answers = site.ask_often("/newest", 24, at_once=12)
    assert {(status, body["alias"]) for status, body in answers} == {(200, "replica")}
    wait_for(lambda: site.ask("/newest")[1]["alias"] == "default")


@pytest.mark.slow
def test_the_pools_refill_after_the_primary_restarts(site: Site, cluster: Cluster) -> None:
    assert site.ask("/primary")[0] == 200
    cluster.kill("primary")
    assert site.ask("/primary")[0] == 503
    assert site.ask("/summary")[0] == 200
    cluster.restart()
    wait_for(lambda: {status for status, _ in site.ask_often("/primary", 16)} == {200})
    wait_for(lambda: site.ask("/statistics")[1]["pools"]["default"]["size"] >= 20)
