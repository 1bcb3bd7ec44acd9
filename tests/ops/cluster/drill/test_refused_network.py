"""Who may make no network is told so in words."""

import os
import shutil
from collections.abc import Iterator

import pytest

from ops.cluster.drill.network import LOCK, NetworkRefused, network

NOBODY = 65_534


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """As who this process is judged by the system meanwhile."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    yield
    os.seteuid(before)


@pytest.mark.skipif(shutil.which("ip") is None, reason="needs iproute2")
def test_an_ordinary_user_is_refused_in_words(ordinary_user: None) -> None:
    with pytest.raises(NetworkRefused, match=f"as root, with iproute2.: {LOCK}: Permission denied"), network(1):
        pytest.fail("it was made")


def test_nobody_but_root_may_lay_anything_where_the_lock_is() -> None:
    place = LOCK.parent.stat()
    assert (place.st_uid, place.st_mode & 0o022) == (0, 0)
