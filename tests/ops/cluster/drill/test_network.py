"""Links between the drill's nodes are cut as their faults say, and whole again afterwards."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from ops.cluster.drill.alone import Busy
from ops.cluster.drill.network import NetworkRefused, Spot, cut_off, join_again, network, part, unite

pytestmark = pytest.mark.slow
PORT = 15_999
LISTEN = "import socket, sys; s = socket.create_server((sys.argv[1], {port})); print(flush=True); input()"
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], {port}), timeout=1)"


@pytest.fixture
def spots() -> Iterator[list[Spot]]:
    try:
        with network(3) as made:
            yield made
    except (NetworkRefused, Busy) as reason:
        pytest.skip(f"{reason}")


@pytest.fixture
def listener(spots: list[Spot]) -> Iterator[str]:
    """The address of the first node, where something listens."""
    command = [*spots[0].prefix, sys.executable, "-c", LISTEN.format(port=PORT), spots[0].address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield spots[0].address
        server.kill()


def reaches(address: str, *prefix: str) -> bool:
    command = [*prefix, sys.executable, "-c", CONNECT.format(port=PORT), address]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("cut", "heal", "from_here"), [
    (lambda spots: cut_off(spots[0]), lambda spots: join_again(spots[0]), False),
    (lambda spots: part(spots[0], spots[1:]), lambda spots: unite(spots[0], spots[1:]), True),
])
def test_a_link_is_cut_and_joined(spots: list[Spot], listener: str, cut: Callable[[list[Spot]], None],
                                  heal: Callable[[list[Spot]], None], from_here: bool) -> None:
    assert reaches(listener)
    assert reaches(listener, *spots[1].prefix)
    cut(spots)
    assert reaches(listener) == from_here
    assert not reaches(listener, *spots[1].prefix)
    heal(spots)
    assert reaches(listener)
    assert reaches(listener, *spots[2].prefix)
