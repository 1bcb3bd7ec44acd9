"""Finished runs are kept beside the report, which tells of all of them."""

import json
from pathlib import Path

import pytest

from ops.cluster.drill.drill import Wanted
from ops.cluster.drill.report import Kept, as_json, as_markdown, as_text
from tests.ops.cluster.drill.runs import run

RUNS = [run(), run(number=2, without_writes=7.25), run(fault="etcd-member", back=None, without_writes=0.4),
        run(fault="node", lost=2, findings=["lost: soup: posted by ann, acknowledged as P1"])]


def test_a_drill_goes_on_after_the_runs_that_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "drills.json"
    for each in RUNS:
        Kept(file, 5.0).add(each)
    wanted = Wanted(("postgres", "node", "network"), 3, 5.0, tmp_path)
    assert list(wanted.left(Kept(file, 5.0).runs)) == [("postgres", [3]), ("node", [2, 3]), ("network", [1, 2, 3])]


def test_runs_of_another_length_are_done_again(tmp_path: Path) -> None:
    file = tmp_path / "drills.json"
    Kept(file, 5.0).add(run())
    assert Kept(file, 10.0).runs == []


def test_without_a_file_nothing_is_kept() -> None:
    kept = Kept(None, 5.0)
    kept.add(run())
    assert kept.runs == [run()]


@pytest.mark.parametrize("text", ["{", "[1]", '[{"fault": "postgres"}]'])
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "drills.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"drills\.json holds no runs of the drill"):
        Kept(file, 5.0)


def test_the_report_sums_up_each_fault_and_names_what_was_found() -> None:
    text = as_markdown(RUNS)
    assert "| postgres | 2 | 2,000 | 0 | 0 | 5.1 to 7.2 | 0.4 | 4.9 | 2 of 2 |" in text
    assert "| node | 1 | 1,000 | 2 | 0 | 5.1 | 0.4 | 4.9 | 0 of 1 |" in text
    assert "| etcd-member | 1 | 1,000 | 2,000 | 12 | 0 | 0 | 0.4 | 0.4 | 0.2, 0.1 | – | – | – |" in text
    assert "- node, run 1: lost: soup: posted by ann, acknowledged as P1" in text
    assert "- **postgres**: kill -9 of the primary's postmaster." in text


def test_programs_and_people_are_told_the_same() -> None:
    told = json.loads(as_json(RUNS, {}))
    assert told["passed"] is False
    assert [each["missed"] for each in told["runs"]][:2] == [[], []]
    assert "node, run 1: lost: soup: posted by ann, acknowledged as P1" in as_text(RUNS, {})


def test_a_drill_that_is_not_finished_has_not_passed() -> None:
    assert json.loads(as_json([run()], {}))["passed"] is True
    told = json.loads(as_json([run()], {"node": [1, 2]}))
    assert (told["passed"], told["left"]) == (False, {"node": [1, 2]})
    assert "node: not done: 2 of the runs that were wanted" in as_text([run()], {"node": [1, 2]})
