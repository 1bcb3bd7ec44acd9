"""Servers whose backups are taken, shared by the tests of one process; each test has a place for backups of its own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from ops import servers
from ops.backups.store import Store
from ops.servers.state import HOMES_OF_ROOT
from tests.ops.backups.tools import Place
from tests.servers.conftest import remove


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data_dir = tmp_path_factory.mktemp("backups") / "data"
    servers.start(data_dir)
    yield data_dir
    remove(data_dir)


@pytest.fixture
def place(cluster: Path, tmp_path: Path, settings: Settings) -> Iterator[Place]:
    """Empty, archived by nobody; restored copies get this place's passwords."""
    settings.FOODSHARE_DATA_DIR = cluster
    found = Place(cluster, Store(tmp_path / "backups"))
    settings.REPLICA_URLS = [found.urls["REPLICA_URL"]]
    found.run("DROP TABLE IF EXISTS loaves")
    found.run("CREATE TABLE loaves (id bigint PRIMARY KEY, name text)")
    yield found
    found.superuser("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    " WHERE slot_name = 'foodshare_backup' AND NOT active")


@pytest.fixture
def workroom() -> Iterator[Path]:
    """Where the user that PostgreSQL runs as may come to."""
    parent = HOMES_OF_ROOT if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(dir=parent, prefix="test") as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
