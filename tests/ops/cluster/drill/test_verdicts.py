"""A run passes only if nothing is lost, nothing is there twice and every bound is kept."""

from typing import Any

import pytest

from ops.cluster.drill.faults import FAULTS
from ops.cluster.drill.measured import spread
from ops.cluster.drill.report import missed, passed
from tests.ops.cluster.drill.runs import run


def test_a_good_run_misses_nothing() -> None:
    assert missed(run()) == []
    assert missed(run(without_writes=25.0, without_reads=2.0)) == []


@pytest.mark.parametrize(("changes", "what"), [
    ({"lost": 1}, "nothing acknowledged is lost"),
    ({"duplicated": 1}, "nothing is there twice"),
    ({"findings": ["left: in the outbox: x"]}, "every event is applied, the ledger and all members agree"),
    ({"without_writes": 25.1}, "no client without writes for more than 25 s"),
    ({"without_reads": 2.1}, "no client without reads for more than 2 s"),
    ({"wrong": ["reader 1: GET me: 500"]}, "every answer is what was asked for, or a 503 with Retry-After"),
    ({"stale": ["soup: confirmed after it was completed"]}, "nobody's read lacks what they did before"),
    ({"unhealed": "node1 as a streaming standby: not within 90 s"}, "the cluster is whole again"),
])
def test_each_fault_in_a_run_is_named(changes: dict[str, Any], what: str) -> None:
    assert missed(run(**changes)) == [what]
    assert not passed([run(), run(number=2, **changes)])


@pytest.mark.parametrize("fault", ["etcd-member", "etcd-majority"])
def test_etcd_may_cost_no_outage(fault: str) -> None:
    assert missed(run(fault=fault, without_writes=2.5)) == ["no client without writes for more than 2 s"]


def test_there_is_every_fault_that_the_project_promises() -> None:
    promised = {"postgres", "node", "patroni", "standby", "valkey", "etcd-member", "etcd-majority", "network"}
    assert promised <= set(FAULTS)


@pytest.mark.parametrize(("values", "text"), [
    ([], "–"), ([None], "–"), ([2.04, 2.0], "2.0"), ([9.0, None, 7.5], "7.5 to 9.0"),
])
def test_several_runs_are_told_by_the_least_and_the_greatest(values: list[float | None], text: str) -> None:
    assert spread(values) == text
