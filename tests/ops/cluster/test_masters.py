"""Who are the masters while no Sentinel runs: a former one that was started as master would take the data with it."""

from pathlib import Path

from ops.cluster.valkeys import first_masters, recorded
from tests.ops.cluster.inventories import PLAIN, read_text


def test_the_newest_of_the_sentinels_files_is_believed(tmp_path: Path) -> None:
    topology = read_text(PLAIN, tmp_path).topology
    old, new = tmp_path / "old.conf", tmp_path / "new.conf"
    old.write_text("sentinel monitor cache 10.0.0.11 6379 2\nsentinel config-epoch cache 1\n")
    new.write_text("sentinel monitor cache 10.0.0.12 6379 2\nsentinel config-epoch cache 2\n")
    for files in ([old, new], [new, old, tmp_path / "absent.conf"]):
        assert {kept: node.name for kept, node in recorded(topology, files).items()} == {"cache": "db2"}


def test_a_new_cluster_has_its_masters_on_two_nodes(tmp_path: Path) -> None:
    topology = read_text(PLAIN, tmp_path).topology
    assert {kept: node.name for kept, node in first_masters(topology).items()} == {"cache": "db1", "streams": "db2"}
    assert recorded(topology, [tmp_path / "absent.conf"]) == {}
