"""What each of several hosts is given."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict

from ops.cluster import programs
from ops.cluster.hosts import files_of, write_folders
from ops.cluster.inventory import Inventory
from tests.ops.cluster.inventories import PLAIN, WITH_TLS, read_text


@pytest.fixture
def plain(tmp_path: Path) -> Inventory:
    return read_text(PLAIN, tmp_path)


@pytest.fixture
def secure(tmp_path: Path) -> Inventory:
    return read_text(WITH_TLS, tmp_path)


def files(inventory: Inventory, name: str) -> dict[str, str]:
    [node] = [node for node in inventory.topology.nodes if node.name == name]
    return files_of(inventory, node)


def patroni(inventory: Inventory) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files(inventory, "db1")["patroni.yml"])
    return found


def rules_of(inventory: Inventory) -> list[list[str]]:
    """Who may connect to PostgreSQL: kind, database, roles, network, method."""
    return [line.split() for line in patroni(inventory)["postgresql"]["pg_hba"]]


def test_nothing_is_left_to_fill_in(plain: Inventory, secure: Inventory) -> None:
    for inventory in (plain, secure):
        for node in inventory.topology.nodes:
            for name, text in files_of(inventory, node).items():
                assert text.strip(), name
                assert "{{" not in text, name
                assert "{%" not in text, name


def test_a_host_gets_what_its_roles_need(plain: Inventory) -> None:
    assert set(files(plain, "small")) == {
        "etcd.yml", "sentinel.conf", "foodshare-etcd.service", "foodshare-sentinel.service", "install.sh"}
    assert {"patroni.yml", "haproxy.cfg", "cache.conf", "streams.conf", "foodshare.env"} <= set(files(plain, "db1"))


def test_a_commit_needs_a_standby_and_a_lost_etcd_no_failover(plain: Inventory) -> None:
    found = patroni(plain)["bootstrap"]["dcs"]
    assert found["synchronous_mode"] is True
    assert found["failsafe_mode"] is True
    assert found["ttl"] >= 20
    assert found["loop_wait"] + 2 * found["retry_timeout"] <= found["ttl"]
    assert found["slots"] == {"foodshare_backup": {"type": "physical"}}
    assert found["postgresql"]["parameters"]["fsync"] == "on"


def test_nobody_enters_without_a_password(plain: Inventory, secure: Inventory) -> None:
    for inventory, kind in ((plain, "host"), (secure, "hostssl")):
        rules = rules_of(inventory)
        assert {rule[0] for rule in rules} == {kind}
        assert {rule[4] for rule in rules} == {"scram-sha-256"}
        assert {rule[3] for rule in rules} == {
            "127.0.0.1/32", "10.0.0.11/32", "10.0.0.12/32", "fd00::13/128", "10.0.0.0/24"}


def test_a_client_network_may_use_the_application_s_database_as_its_roles_and_no_more(plain: Inventory) -> None:
    """No superuser, no copy of the data: those are for the hosts, of which one may lie in that network."""
    rules = [tuple(rule[1:4]) for rule in rules_of(plain)]
    assert [rule for rule in rules if rule[2] == "10.0.0.0/24"] == [
        ("foodshare", "foodshare_app,foodshare_owner", "10.0.0.0/24")]
    for host in ("127.0.0.1/32", "10.0.0.11/32", "10.0.0.12/32", "fd00::13/128"):
        assert {rule[:2] for rule in rules if rule[2] == host} == {("all", "all"), ("replication", "all")}


def test_without_client_networks_only_the_hosts_may_connect(tmp_path: Path) -> None:
    alone = read_text(PLAIN.replace('clients = ["10.0.0.0/24"]\n', ""), tmp_path)
    assert {rule[3] for rule in rules_of(alone)} == {"127.0.0.1/32", "10.0.0.11/32", "10.0.0.12/32", "fd00::13/128"}


def test_etcd_knows_all_its_members(secure: Inventory) -> None:
    for name in ("db1", "small"):
        found = yaml.safe_load(files(secure, name)["etcd.yml"])
        assert found["initial-cluster"] == (
            "db1=https://10.0.0.11:2380,db2=https://10.0.0.12:2380,small=https://[fd00::13]:2380")
        assert found["peer-transport-security"]["client-cert-auth"] is True


def test_each_valkey_has_one_master_and_not_on_one_host(plain: Inventory) -> None:
    masters = {kept: [name for name in ("db1", "db2") if "replicaof" not in files(plain, name)[f"{kept}.conf"]]
               for kept in ("cache", "streams")}
    assert masters == {"cache": ["db1"], "streams": ["db2"]}
    assert "sentinel monitor cache 10.0.0.11 6379 2" in files(plain, "small")["sentinel.conf"]
    assert "sentinel monitor streams 10.0.0.12 6380 2" in files(plain, "small")["sentinel.conf"]


def test_streams_stop_without_a_replica_only_where_another_could_follow(plain: Inventory, tmp_path: Path) -> None:
    assert "min-replicas-to-write" not in files(plain, "db1")["streams.conf"]
    three = read_text(PLAIN.replace('roles = ["etcd", "sentinel"]', ""), tmp_path)
    assert "\nmin-replicas-to-write 1\n" in files(three, "db1")["streams.conf"]
    assert "min-replicas-to-write" not in files(three, "db1")["cache.conf"]


def test_haproxy_accepts_its_file(plain: Inventory, tmp_path: Path) -> None:
    program = programs.find("haproxy")
    if program is None:
        pytest.skip("haproxy is not installed: apt-get install haproxy")
    path = tmp_path / "haproxy.cfg"
    path.write_text(files(plain, "db1")["haproxy.cfg"])
    result = subprocess.run([program, "-c", "-f", str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_shell_reads_what_it_is_given(secure: Inventory, tmp_path: Path) -> None:
    given = files(secure, "db1")
    path = tmp_path / "foodshare.env"
    path.write_text(given["foodshare.env"])
    shell = shutil.which("sh") or "sh"
    said = subprocess.run([shell, "-c", f'. {path}; echo "$DATABASE_URL"'], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith(
        "@127.0.0.1:5000/foodshare?sslmode=verify-ca&sslrootcert=/etc/foodshare/ca.pem")
    assert subprocess.run([shell, "-n"], input=given["install.sh"], text=True, check=False).returncode == 0


def test_the_url_through_pgbouncer_asks_for_no_tls_where_it_offers_none(secure: Inventory) -> None:
    text = files(secure, "db1")["pgbouncer.ini"]
    [url] = [line.split("=", 1)[1] for line in text.splitlines() if line.startswith(";   DATABASE_URL=")]
    given = conninfo_to_dict(url)
    assert (given["user"], given["sslmode"]) == ("foodshare_app", "disable")
    assert {f"listen_addr = {given['host']}", f"listen_port = {given['port']}", "server_tls_sslmode = verify-ca",
            "server_tls_ca_file = /etc/foodshare/ca.pem"} <= set(text.splitlines())
    assert f'"foodshare_app" "{given["password"]}"' in files(secure, "db1")["userlist.txt"]


def test_folders_are_for_oneself_only(plain: Inventory, tmp_path: Path) -> None:
    written = write_folders(plain, tmp_path / "hosts")
    assert {path.parent.name for path in written} == {"db1", "db2", "small"}
    assert {path.stat().st_mode & 0o077 for path in written} == {0}
    assert all((tmp_path / "hosts" / name).stat().st_mode & 0o077 == 0 for name in ("db1", "db2", "small"))
