"""`manage.py performance_test`: what it judges, says and returns."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from ops.benchmarks.performance import measure_read
from ops.benchmarks.read import Read
from ops.seed import seed
from tests.ops.benchmarks.tools import DATABASES
from tests.ops.seed.tools import offenders

pytestmark = [pytest.mark.replica, pytest.mark.django_db(transaction=True, databases=DATABASES)]

READS = {
    "food posts: open in a group", "food posts: a group's list", "food posts: community", "food posts: neighborhood",
    "food posts: with a text", "food posts: of a status", "food posts: one's own", "reputation of a person",
    "reputation: one's own events", "reputation: how one's score came about", "reputation: leaderboard",
    "groups: discovery", "groups: by name", "group summary, from the view", "exchanges: one's own",
    "chat: a room's newest", "chat: a room, deep", "chat: a conversation's newest", "chat: rooms and what is unread",
    "chat: conversations and what is unread", "feed", "status updates: a group's", "status updates: a person's",
    "forum: a category's threads", "forum: a thread with its replies",
    "forum: threads of the week", "profile of a person", "people: search", "groups: search", "group's leaderboard",
}


def run(capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[int, str]:
    """The exit code and what was printed."""
    try:
        call_command("performance_test", **options)
    except SystemExit as end:
        return int(str(end.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


@pytest.mark.slow
def test_too_little_data_are_measured_but_not_judged(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    seed("demo")
    code, said = run(capsys, queries=3, concurrency=2, json=str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text())
    assert code == report["exit_code"] == 2
    assert "seed_data --scale small" in said
    assert said.count("NOT JUDGED") == 2 * len(READS) + len(report["pools"]) + 1
    assert "PASS" not in said
    assert "FAIL" not in said
    assert {read["name"] for read in report["reads"]} == READS
    assert all(read["timing"]["count"] == 3 for read in report["reads"])
    chat = {read["name"]: read for read in report["reads"]}["chat: a room's newest"]
    assert (chat["limit"], chat["as_statements"]) == (50.0, True)
    assert chat["buffers"] > 0
    assert chat["partitions"]["messages"] >= 1


def test_an_empty_database_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, queries=1, concurrency=1)
    assert code == 2
    assert all(name in said for name in READS)


@pytest.mark.parametrize(("own", "max_time", "expected"), [
    (200.0, 1000.0, 200.0), (200.0, 80.0, 80.0), (None, 80.0, 80.0)])
def test_the_limit_is_the_documents_or_the_given_one_when_that_is_less(
        own: float | None, max_time: float, expected: float) -> None:
    read = Read("nothing", own, [lambda: None])
    assert measure_read(read, 1, max_time, judged=True, tell=lambda *_: None).limit == expected


def test_too_slow_a_read_fails_and_one_without_index_too() -> None:
    read = Read("naps", 1000.0, [lambda: time.sleep(0.02)])
    found = measure_read(read, 1, 10.0, judged=True, tell=lambda *_: None)
    assert (found.time, found.plan) == ("FAIL", "FAIL")


def test_a_read_that_nobody_can_do_is_not_judged() -> None:
    found = measure_read(Read("nothing", None, []), 1, 10.0, judged=True, tell=lambda *_: None)
    assert (found.time, found.plan, found.timing.count) == ("NOT JUDGED", "NOT JUDGED", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("max_time", ["", "200", "fast", "-1ms", "0ms", "200 ms ms", "1e9s", "nan", "٣ms"])
def test_a_max_time_that_is_none_is_refused_in_words(max_time: str) -> None:
    with pytest.raises(CommandError, match=r"not a time such as 200ms or 0\.2s") as refused:
        call_command("performance_test", max_time=max_time)
    assert refused.value.returncode == 2


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["queries", "concurrency"])
def test_a_number_below_one_is_refused(option: str) -> None:
    with pytest.raises(CommandError, match=f"--{option} must be at least 1"):
        call_command("performance_test", **{option: 0})


def test_a_report_that_cannot_be_written_is_an_error_in_words() -> None:
    seed("demo")
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("performance_test", queries=1, concurrency=1, json="/nowhere/report.json")


@contextmanager
def without_indexes(*names: str) -> Iterator[None]:
    """The database without these indexes, for as long as this lasts."""
    definitions = [offenders(f"SELECT pg_get_indexdef('{name}'::regclass)")[0][0] for name in names]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP INDEX {', '.join(names)}")
        try:
            yield
        finally:
            for definition in definitions:
                cursor.execute(str(definition))


# Of what is open in a group: on small data one of these is as good as another.
SERVING = ("idx_food_posts_discovery", "idx_food_posts_active_location", "food_posts_created_at_id_idx",
           "food_posts_group_id_created_at_id_idx")


@pytest.mark.slow
@pytest.mark.usefixtures("exact_summary")
def test_enough_data_are_judged_and_a_missing_index_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    seed("small")
    code, said = run(capsys, queries=20, concurrency=4, json="-", max_time="60s")
    report = json.loads(said)
    assert report["judged"] is True
    assert {read["name"] for read in report["reads"]} == READS
    assert {read["name"]: read["scanned"] for read in report["reads"] if read["plan"] != "PASS"} == {}
    indexes = {read["name"]: set(read["indexes"]) for read in report["reads"]}
    assert indexes["food posts: open in a group"]
    assert indexes["food posts: open in a group"] <= set(SERVING)
    assert {use["use"]["alias"]: use["use"]["requests"] > 0 for use in report["pools"]} == dict.fromkeys(
        (alias for alias in DATABASES if alias != "owner"), True)
    verdicts = {verdict for read in report["reads"] for verdict in (read["time"], read["plan"])}
    assert code == int("FAIL" in verdicts | {pool["verdict"] for pool in report["pools"]})
    with without_indexes(*SERVING):
        code, said = run(capsys, queries=1, concurrency=1, json="-", max_time="60s")
    judged = {read["name"]: (read["plan"], read["scanned"]) for read in json.loads(said)["reads"]}
    assert code == 1
    assert judged["food posts: open in a group"] == ("FAIL", ["food_posts"])
    assert judged["groups: by name"] == ("PASS", [])
