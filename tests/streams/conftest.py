"""A streams' Valkey of the tests' own, empty before each test."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.valkeys import OwnValkey


@pytest.fixture(scope="session")
def own_streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnValkey]:
    valkey = OwnValkey(tmp_path_factory.mktemp("streams"), "streams")
    yield valkey
    valkey.stop()


@pytest.fixture
def server(own_streams: OwnValkey) -> Any:
    client = own_streams.client()
    client.flushall()
    return client
