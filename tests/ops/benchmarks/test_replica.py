"""`manage.py benchmark replica`: what it takes for a fault, that it finds them, and that it leaves nothing behind."""

import json
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ops.benchmarks.replica.conditions import HEALTHY
from ops.benchmarks.replica.judge import UNSEEN, Memory, Thing
from ops.benchmarks.replica.lag import Behind, Log
from ops.benchmarks.replica.load import Tally
from ops.benchmarks.replica.measure import Measured, Run, Sizes
from ops.benchmarks.replica.people import Person, Program, looks, read_witness
from ops.servers.state import State, load
from tests.web.tools import MANAGE, wait_for

OWN, OTHERS = Thing("profile", "me"), Thing("post", "you")
SIZES = Sizes(seconds=1, people=2, programs=2, writes=0.2, pause=0.05, rate=10)


def run(*options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a run in processes of its own."""
    done = subprocess.run([*MANAGE, "benchmark", "replica", "--json", *options], capture_output=True, text=True,
                          check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def test_a_read_must_show_what_its_person_wrote_before() -> None:
    memory = Memory()
    memory.wrote(OWN, 3)
    assert memory.saw({OWN: 2}, memory.known()).stale == {OWN: 3}
    assert memory.saw({OWN: UNSEEN}, memory.known()).stale == {OWN: 3}
    assert memory.saw({OWN: 3}, memory.known()).stale == {}
    assert memory.saw({OWN: 4}, memory.known()).stale == {}


def test_a_read_that_began_before_the_write_was_answered_may_miss_it() -> None:
    memory = Memory()
    known = memory.known()
    memory.wrote(OWN, 3)
    verdict = memory.saw({OWN: 2}, known)
    assert (verdict.stale, verdict.back) == ({}, {})


def test_what_any_program_of_a_person_was_shown_is_not_taken_back() -> None:
    memory = Memory()
    before = memory.known()
    memory.saw({OTHERS: 5}, memory.known())
    assert memory.saw({OTHERS: 4}, memory.known()).back == {OTHERS: 5}
    assert memory.saw({OTHERS: 4}, before).back == {}
    assert memory.saw({OTHERS: 5}, memory.known()).back == {}


def test_what_is_stale_is_not_counted_twice() -> None:
    memory = Memory()
    memory.wrote(OWN, 3)
    memory.saw({OWN: 3}, memory.known())
    verdict = memory.saw({OWN: 2}, memory.known())
    assert (verdict.stale, verdict.back) == ({OWN: 3}, {})


def test_a_list_without_a_post_shows_that_it_is_not_there() -> None:
    people = [Person("me", [Program()], post="1"), Person("you", [Program()], post="2")]
    [listed] = [look for look in looks(people[0], people) if look.path == "food-posts"]
    rows = [{"author": {"id": "me"}, "title": "version 7"}]
    assert listed.shown({"results": rows}) == {Thing("post", "me"): 7, Thing("post", "you"): UNSEEN}


def test_a_feed_shows_the_newest_of_everybody_on_it() -> None:
    me = Person("me", [Program()], post="1")
    [feed] = [look for look in looks(me, [me]) if look.path == "feed"]
    rows = [{"author": {"id": each}, "content": f"version {number}"} for each, number in
            (("me", 9), ("you", 4), ("me", 10))]
    assert feed.shown({"results": rows}) == {Thing("status", "me"): 10, Thing("status", "you"): 4}


def test_who_was_asked_is_read_from_the_answer() -> None:
    assert read_witness("4711 default=2 replica=1") == ("4711", {"default": 2, "replica": 1})
    assert read_witness("") == ("", {})


def test_a_standby_is_as_far_behind_as_the_last_end_of_the_log_that_it_shows_is_old() -> None:
    log = Log([10.0, 11.0, 12.0], [100, 200, 300])
    assert [log.behind(replayed, 12.5) for replayed in (300, 299, 200, 199, 50)] == [0.0, 1.5, 1.5, 2.5, 2.5]


def test_the_chart_of_the_lag_has_its_highest_bar_at_the_most() -> None:
    assert Behind([1.0, 2.0, 3.0], [0.0, 0.05, 0.1]).chart == "▁▅█"
    assert Behind().chart == ""


def judged(tally: Tally) -> Measured:
    return Measured(SIZES, [Run("causal", True, {HEALTHY: tally}, {HEALTHY: {}})])


def well(**changes: Any) -> Tally:
    made = Tally(reads=100, own_reads=10, processes={"1", "2"})
    made.served.update(standby=81, primary=19)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_a_run_passes_without_faults_and_with_over_four_fifths_of_reads_on_standbys() -> None:
    assert judged(well()).exit_code == 0


@pytest.mark.parametrize("fault", ["stale", "back", "failed"])
def test_one_fault_fails_the_run(fault: str) -> None:
    assert judged(well(**{fault: 1})).exit_code == 1


def test_too_many_reads_on_the_primary_fail_the_run() -> None:
    tally = well()
    tally.served.update(primary=2)
    assert judged(tally).exit_code == 1


def test_a_run_in_which_nothing_could_be_seen_is_not_judged() -> None:
    assert judged(well(processes={"1"})).exit_code == 2
    assert judged(well(own_reads=0)).exit_code == 2
    unseen = Run("pinned", True, {HEALTHY: well()}, {HEALTHY: {}})
    assert Measured(SIZES, [*judged(well()).runs, unseen]).reasons == ["not even blind routing was seen to fail"]
    in_time = Run("causal", True, {"far": well()}, {"far": {"replica": Behind([1.0], [0.1])}})
    assert Measured(SIZES, [in_time]).reasons == ["causal, cache on, both 2 s late: they were 0.10 s behind at most"]


@pytest.mark.slow
def test_blind_routing_is_caught_where_causal_routing_shows_no_fault() -> None:
    code, report = run("--routing", "causal", "pinned", "unchecked", "--conditions", "healthy", "far", "--cache", "on",
                       "--seconds", "2.5")
    found = {each["routing"]: faults(each) for each in report["runs"]}
    assert found["causal"] == 0
    assert found["pinned"] > 0
    assert found["unchecked"] > 0
    assert code == report["exit_code"] == 0, (report["verdicts"], report["not_judged"], report["faults"])
    assert not (settings.FOODSHARE_DATA_DIR / "benchmark").exists()


@pytest.mark.slow
def test_nothing_is_left_when_the_command_is_killed() -> None:
    directory = settings.FOODSHARE_DATA_DIR / "benchmark" / "replica"
    with subprocess.Popen([*MANAGE, "benchmark", "replica"], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: load(directory) is not None)
            state = load(directory)
            assert state
            wait_for(lambda: "serve" in words_of(state), 120)
        finally:
            process.kill()
    wait_for(lambda: not directory.exists() and not Path(state.home).exists(), 60)
    wait_for(lambda: not words_of(state), 30)


def faults(run: dict[str, Any]) -> int:
    return sum(tally["stale"] + tally["back"] for tally in run["conditions"].values())


def words_of(state: State) -> set[str]:
    """The words of the command lines of all processes that were given this place's servers, or are one of them."""
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_given = state.passwords["foodshare_app"] in (process / "environ").read_text(errors="replace")
            if is_given or str((process / "cwd").readlink()).startswith(f"{state.home}/"):
                found |= {*(process / "cmdline").read_text().split("\0")}
    return found


@pytest.mark.parametrize(("option", "text"), [
    ("--seconds=0", "--seconds 0.0: must be at least 0.5"), ("--people=1", "--people 1: must be at least 2"),
    ("--writes=0", "--writes 0.0: must be at least 0.01")])
def test_a_number_that_is_too_small_is_refused(option: str, text: str) -> None:
    with pytest.raises(CommandError, match=text) as refused:
        call_command("benchmark", "replica", option)
    assert refused.value.returncode == 2
