"""`manage.py benchmark cache`: what it measures and says, that it finds faults, and that it leaves nothing behind."""

import json
import subprocess
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops.benchmarks.cache.measure import PARTS
from ops.benchmarks.cache.staleness import OTHERS, Faults, History, Reads
from ops.benchmarks.scratch import NAME, remake
from ops.benchmarks.valkeys import own_valkey
from ops.servers.state import load
from tests.ops.benchmarks.tools import DATABASES
from tests.valkeys import OwnValkey
from tests.web.tools import MANAGE, wait_for

TINY = {"people": 100, "processes": 2, "rounds": 1, "threads": 1, "requests": 60, "reads": 50, "stampede": 20,
        "probes": 10, "rate": 50, "races": 400, "keys": 20, "late": 0.4, "seconds": 0.5}
AIMS = {"hit rate of profiles over 85%", "one load for 20 threads", "p99 of invalidation under 50 ms",
        "no stale read after delivery", "none back in time after delivery", "no reader without what they wrote",
        "no read fails while Valkey is away", "used again within 10 s"}


def run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    sizes = [f"--{name}={value}" for name, value in TINY.items()]
    try:
        call_command("benchmark", "cache", *sizes, *options)
    except SystemExit as end:
        return int(str(end.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


def delay() -> str:
    """How late the embedded standby replays."""
    state = load(settings.FOODSHARE_DATA_DIR)
    assert state
    with psycopg.connect(state.url("replica", "postgres")) as connection:
        row = connection.execute("SHOW recovery_min_apply_delay").fetchone()
    assert row
    return str(row[0])


def scratch_exists() -> bool:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as connection:
        return bool(connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchone())


@pytest.fixture
def sites_own(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[OwnValkey]:
    """The cache of the site beside which it is measured, which nobody else uses."""
    own = OwnValkey(tmp_path_factory.mktemp("site"))
    settings.REDIS_URL = own.url
    yield own
    own.stop()


@pytest.mark.slow
@pytest.mark.replica
@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_all_is_measured_in_a_place_that_is_gone_afterwards(capsys: pytest.CaptureFixture[str],
                                                            sites_own: OwnValkey) -> None:
    code, said = run(capsys, "--json")
    report = json.loads(said)
    assert set(report["parts"]) == set(PARTS)
    assert set(report["verdicts"]) == AIMS
    assert code == report["exit_code"] == int(not all(report["verdicts"].values()))
    assert report["not_judged"] == {}
    exact = {name: report["verdicts"][name] for name in AIMS if "over" not in name and "under" not in name}
    assert exact == dict.fromkeys(exact, True)
    parts = report["parts"]
    assert parts["hits"]["rounds"]["ours"][0]["reads"] + parts["hits"]["rounds"]["ours"][0]["writes"] == 120
    assert [each["loads"] for each in parts["stampede"]["rounds"]["bare"]] > [1]
    assert parts["invalidation"]["heard"]["count"] == 20
    assert parts["staleness"]["found"]["ours"]["own_reads"] > 0
    assert parts["staleness"]["found"]["bare"]["stale"] > 0
    assert parts["outage"]["waits"]["bare django-redis, Valkey killed"]["failed"] > 0
    assert (delay(), scratch_exists(), (settings.FOODSHARE_DATA_DIR / "benchmark").exists()) == ("0", False, False)
    assert not {"cmdstat_set", "cmdstat_evalsha", "cmdstat_zadd"} & set(sites_own.client().info("commandstats"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_one_part_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "--only", "stampede", "--markdown")
    assert code == 0
    assert said.startswith("### Stampede: 20 threads of 2 processes")
    assert "| foodshare.cache | 1 |" in said


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_the_standby_is_in_time_again_when_the_command_is_killed() -> None:
    sizes = [f"--{name}={value}" for name, value in {**TINY, "races": 10_000_000}.items()]
    with subprocess.Popen([*MANAGE, "benchmark", "cache", *sizes, "--only", "staleness"],
                          stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: delay() == "400ms", 120)
        finally:
            process.kill()
    try:
        wait_for(lambda: delay() == "0")
    finally:
        remake(f"DROP DATABASE {NAME} WITH (FORCE)")
        with own_valkey() as valkey:
            assert valkey.pid


def test_reads_are_judged_by_what_was_delivered_before_them() -> None:
    histories, reads, found = [History([10, 20, 30], [100, 200, 300])], Reads(), Faults()
    for delivered, got, own in ((50, 10, OTHERS), (150, 10, OTHERS), (250, 10, OTHERS), (250, 30, OTHERS),
                                (250, 20, OTHERS), (300, 20, OTHERS), (300, 30, 30), (300, 30, 31)):
        reads.add(0, delivered, got, own)
    found.judge(reads, histories)
    assert (found.reads, found.stale, found.back, found.back_before) == (8, 2, 1, 1)
    assert (found.own_reads, found.own) == (2, 1)


@pytest.mark.parametrize(("option", "text"), [
    ("--rounds=0", "--rounds 0: must be at least 1"), ("--processes=1", "--processes 1: must be at least 2"),
    ("--exponent=nan", "--exponent nan: must be at least 0"), ("--people=150", "--people 150: must be at least 1800")])
def test_a_number_that_is_too_small_is_refused(option: str, text: str) -> None:
    with pytest.raises(CommandError, match=text) as refused:
        call_command("benchmark", "cache", option)
    assert refused.value.returncode == 2
