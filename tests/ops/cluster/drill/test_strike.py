"""A fault that finds nothing to kill has not been done, and says so."""

from pathlib import Path

import pytest

from ops.cluster import state
from ops.cluster.drill.ground import Ground, Unhealed
from ops.cluster.drill.load import Load, People
from ops.cluster.local import Cluster


def test_what_does_not_run_is_named_and_no_blow_is_noted(tmp_path: Path) -> None:
    made = state.create(tmp_path, ["node1"])
    ground = Ground(Cluster(tmp_path), Load(0, People("", [], [])))
    try:
        with pytest.raises(Unhealed, match="node1 has no patroni and no etcd running that could be killed"):
            ground.strike("node1", "patroni", "etcd")
        assert (ground.struck, ground.free) == (0, 0)
    finally:
        state.remove(tmp_path, made)
