"""What the connection pools do when the server ends every connection."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from psycopg_pool import PoolTimeout

from foodshare.db.pools import Pool
from ops.servers.state import free_ports
from tests.web.tools import Site, backends, served, terminate, url, wait_for

APPLICATION = "foodshare primary"


@pytest.fixture(scope="module")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("site") / "log", workers=2, threads=8, REPLICA_URL="") as site:
        yield site


def at_least(number: int, application: str = APPLICATION) -> set[int]:
    """The backends, once there are so many; none before."""
    found = backends(application)
    return found if len(found) >= number else set()


def fill(site: Site) -> set[int]:
    """Have both processes fill their pools; the backends."""
    wait_for(lambda: len({body["process"] for _, body in site.ask_often("/primary?wait=0.1", 16, at_once=16)}) == 2)
    return wait_for(lambda: at_least(40))


def lose_connection_of(site: Site, path: str, method: str = "GET") -> tuple[int, Any, dict[str, str]]:
    """The answer to a request whose backend, and every other, is killed while it is being worked on."""
    with ThreadPoolExecutor(1) as client:
        answer = client.submit(site.ask, path, method)
        time.sleep(0.5)
        assert not answer.done()
        terminate(backends(APPLICATION))
        return answer.result()


def test_every_request_succeeds_after_every_backend_was_killed(site: Site) -> None:
    dead = fill(site)
    terminate(dead)
    answers = site.ask_often("/primary", 60, at_once=16)
    assert {status for status, _ in answers} == {200}
    assert len({body["process"] for _, body in answers}) == 2
    assert not dead & {body["backend"] for _, body in answers}
    wait_for(lambda: len(backends(APPLICATION)) >= 40)


def test_the_very_next_request_succeeds_after_each_of_many_losses(site: Site) -> None:
    fill(site)
    for _ in range(5):
        terminate(backends(APPLICATION))
        assert [site.ask("/primary")[0] for _ in range(4)] == [200] * 4


def test_the_first_dead_connection_found_stands_for_all(database: None) -> None:
    with Pool(conninfo=url("default"), kwargs={"autocommit": True, "application_name": "lost"},
              min_size=21, max_size=21) as pool:
        terminate(wait_for(lambda: at_least(21, "lost")))
        for _ in range(3):
            with pool.connection() as connection:
                connection.execute("SELECT 1")
        assert pool.get_stats()["connections_lost"] == 1


@pytest.mark.slow
def test_no_one_waits_out_the_timeout_for_a_server_that_is_not_there(database: None) -> None:
    [port] = free_ports(1)
    with Pool(conninfo=f"host=127.0.0.1 port={port}", min_size=1, max_size=2, timeout=3600) as pool:
        for _ in range(2):
            with pytest.raises(PoolTimeout), pool.connection():
                pass


def test_a_read_whose_connection_dies_under_it_is_answered_by_a_second_run(site: Site) -> None:
    fill(site)
    status, body, _ = lose_connection_of(site, "/primary?wait=1.5&count=read")
    assert (status, body["runs"]) == (200, 2)


def test_a_write_whose_connection_dies_under_it_is_not_repeated(site: Site) -> None:
    fill(site)
    status, body, headers = lose_connection_of(site, "/primary?wait=1.5&count=write", "POST")
    assert status == 503
    assert body["errors"][0]["code"] == "unavailable"
    assert headers["retry-after"] == "2"


@pytest.mark.slow
def test_a_page_outside_the_api_survives_too(site: Site) -> None:
    fill(site)
    assert lose_connection_of(site, "/plain?wait=1.5")[0] == 200
    assert lose_connection_of(site, "/plain?wait=1.5", "POST")[0] == 503


def test_a_statistics_line_for_each_pool(site: Site) -> None:
    fill(site)
    line = site.ask("/statistics")[1]["pools"]["default"]
    assert line["size"] >= 20
    assert line["maximum"] == 50
    assert line["requests"] > 0
    assert line["efficiency"] == pytest.approx(100 * (1 - line["waited"] / line["requests"]))
