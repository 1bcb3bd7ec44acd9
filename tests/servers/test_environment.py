import stat
from pathlib import Path

import pytest

from ops import servers
from ops.servers.errors import StateUnusable
from tests.servers.tools import Cluster


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_urls_are_the_same_at_every_call(fresh_data_dir: Path) -> None:
    first = servers.environment(fresh_data_dir)
    assert set(first) == {
        "DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL", "BACKUP_URL", "REDIS_URL", "STREAM_URL", "SECRET_KEY",
    }  # fmt: skip
    assert servers.environment(fresh_data_dir) == first
    assert len(first["SECRET_KEY"]) >= 50


def test_nothing_is_started(fresh_data_dir: Path) -> None:
    servers.environment(fresh_data_dir)
    assert not any(status.running for status in servers.status(fresh_data_dir))


def test_only_the_owner_may_read_the_passwords(fresh_data_dir: Path) -> None:
    servers.environment(fresh_data_dir)
    assert mode(fresh_data_dir) == 0o700
    assert mode(fresh_data_dir / "servers.json") == 0o600


def test_ports_are_distinct_and_below_the_ephemeral_ones(fresh_data_dir: Path) -> None:
    servers.environment(fresh_data_dir)
    ports = set(Cluster(fresh_data_dir).state.ports.values())
    assert len(ports) == 4
    assert all(1024 < port < 32768 for port in ports)


def test_two_directories_share_no_secret(tmp_path: Path) -> None:
    directories = [tmp_path / "a", tmp_path / "b"]
    one, other = ({*servers.environment(path).values()} for path in directories)
    homes = [Path(Cluster(path).state.home) for path in directories]
    assert not one & other
    for home, path in zip(homes, directories, strict=True):
        if home != path:
            (home / "claim").unlink()
            home.rmdir()


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"home": "/x", "surprise": 1}'])
def test_a_damaged_file_is_named(fresh_data_dir: Path, damage: str) -> None:
    servers.environment(fresh_data_dir)
    whole = (fresh_data_dir / "servers.json").read_text()
    (fresh_data_dir / "servers.json").write_text(damage)
    with pytest.raises(StateUnusable, match=r"servers\.json is damaged"):
        servers.environment(fresh_data_dir)
    (fresh_data_dir / "servers.json").write_text(whole)
