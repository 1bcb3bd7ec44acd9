import socket

import pytest

from ops import servers
from tests.servers.tools import Cluster


@pytest.mark.parametrize("name", ["primary", "replica", "cache", "streams"])
@pytest.mark.slow
def test_a_server_moves_when_its_port_was_taken_while_it_was_down(cluster: Cluster, name: str) -> None:
    taken = cluster.state.ports[name]
    cluster.kill(name)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", taken))
        stranger.listen()
        urls = servers.environment(cluster.data_dir)
        servers.start(cluster.data_dir)
    assert cluster.state.ports[name] != taken
    assert servers.environment(cluster.data_dir) == urls, "what is read before the start holds after it"
    assert cluster.app("SELECT 1") == [(1,)]
    assert cluster.replicates()
    assert cluster.valkey("REDIS_URL").ping()
    assert cluster.valkey("STREAM_URL").ping()


def test_the_move_is_reported(cluster: Cluster) -> None:
    taken, said = cluster.state.ports["cache"], list[str]()
    cluster.kill("cache")
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", taken))
        stranger.listen()
        servers.start(cluster.data_dir, said.append)
    moved = cluster.state.ports["cache"]
    assert said == [f"Port {taken} of the cache server is taken; moved to {moved}"]


def test_nothing_listens_beyond_loopback(cluster: Cluster) -> None:
    assert cluster.superuser("SHOW listen_addresses") == [("127.0.0.1",)]
    assert cluster.superuser("SHOW unix_socket_directories") == [("",)]
    assert cluster.valkey("REDIS_URL").config_get("bind") == {"bind": "127.0.0.1"}
    assert cluster.valkey("STREAM_URL").config_get("bind") == {"bind": "127.0.0.1"}
