"""An inventory that cannot be used is refused in words that name the key."""

from pathlib import Path

import pytest

from ops.cluster.inventory import InventoryWrong
from tests.ops.cluster.inventories import PLAIN, WITH_TLS, read_text

WRONG = [
    ('token = "trial"', "", "cluster.token: must be given"),
    ('token = "trial"', "token = 7", "cluster.token: must be a text"),
    ('token = "trial"', 'tokens = "trial"', "cluster.tokens: is not known"),
    ('token = "trial"', "token = trial", "line 3"),
    ("without_tls = true", "", "tls: must be given"),
    ("without_tls = true", "without_tls = true\npostgresql_version = 14", "postgresql_version: must be from 15 to 18"),
    ("without_tls = true", 'without_tls = true\npatroni = "bin/patroni"', "cluster.patroni: must be an absolute path"),
    ('"10.0.0.0/24"', '"10.0.0.7/24"', "cluster.clients[1]: must be an IP address or network"),
    ('"10.0.0.11"', '"db1.example.org"', "hosts[1].address: must be an IP address"),
    ('"10.0.0.11"', '"0.0.0.0"', "hosts[1].address: must be the address where the others reach"),
    ('"10.0.0.12"', '"127.0.0.1"', "hosts[2].address: must be the address where the others reach"),
    ('"10.0.0.12"', '"10.0.0.11"', "2 of them have the address 10.0.0.11"),
    ('name = "db2"', 'name = "db1"', "2 of them have the name db1"),
    ('name = "db2"', 'name = "DB 2"', "hosts[2].name: must be small letters"),
    ('"16GB"', '"16 apples"', "host db1.memory: must be at least 1GB"),
    ('"16GB"', '"infGB"', "host db1.memory: must be at least 1GB, not 'infGB'"),
    ('["10.0.0.0/24"]', "[7]", "cluster.clients: must be a list of texts"),
    ('["etcd", "sentinel"]', '[["etcd"]]', "hosts[3].roles: must be a list of texts"),
    ('["etcd", "sentinel"]', "[]", "hosts[3].roles: must name one of etcd, database"),
    ('"sentinel"]', '"sentinels"]', "hosts[3].roles: 'sentinels' is not known"),
    ('"etcd", "sentinel"', '"sentinel"', "etcd must be a role of at least 3"),
    ("without_tls = true", "without_tls = true\n[ports]\npostgres = 80", "ports.postgres: must be from"),
    ("without_tls = true", "without_tls = true\n[ports]\npostgres = 8008", "postgres and patroni are all 8008"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_what_is_wrong_is_named(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    assert right in PLAIN
    with pytest.raises(InventoryWrong) as refusal:
        read_text(PLAIN.replace(right, wrong), tmp_path)
    assert said in str(refusal.value)
    assert "inventory.toml" in str(refusal.value)


def test_an_even_number_of_etcds_is_refused(tmp_path: Path) -> None:
    fourth = '[[hosts]]\nname = "db4"\naddress = "10.0.0.14"\nmemory = "2GB"\n'
    with pytest.raises(InventoryWrong, match="odd number of them, not of 4"):
        read_text(PLAIN + fourth, tmp_path)


def test_all_on_loopback_is_a_trial_on_one_machine(tmp_path: Path) -> None:
    hosts = read_text(PLAIN.replace('"10.0.0.', '"127.0.0.').replace("fd00::13", "127.0.0.13"), tmp_path).topology.nodes
    assert [node.address for node in hosts] == ["127.0.0.11", "127.0.0.12", "127.0.0.13"]


def test_a_file_of_passwords_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "passwords.toml").write_bytes(b"\xff")
    with pytest.raises(InventoryWrong, match=r"cluster\.passwords: .*passwords\.toml: "):
        read_text(PLAIN, tmp_path)


def test_passwords_are_made_once_for_oneself_only(tmp_path: Path) -> None:
    first = read_text(PLAIN, tmp_path).topology.passwords
    assert read_text(PLAIN, tmp_path).topology.passwords == first
    assert len(set(first.values())) == len(first)
    path = tmp_path / "passwords.toml"
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    with pytest.raises(InventoryWrong, match="others may read"):
        read_text(PLAIN, tmp_path)


def test_a_password_that_a_file_could_misread_is_refused(tmp_path: Path) -> None:
    read_text(PLAIN, tmp_path)
    path = tmp_path / "passwords.toml"
    path.write_text(path.read_text().replace('postgres = "', 'postgres = "a#', 1))
    with pytest.raises(InventoryWrong, match=r"postgres in .* must be 16 or more letters"):
        read_text(PLAIN, tmp_path)


def test_tls_is_taken_from_the_inventory(tmp_path: Path) -> None:
    [first, *_] = read_text(WITH_TLS, tmp_path).topology.nodes
    assert first.scheme == "https"
    assert first.tls is not None
    assert first.tls.authority == "/etc/foodshare/ca.pem"
