"""`manage.py alerts` tells what is wrong, by exit code too, and tries the ways by which people are told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ops.models import Alert
from ops.monitoring import counters, processes, snapshot
from ops.monitoring.snapshot import Snapshot
from ops.servers.state import free_ports
from ops.tasks import watch_alerts
from tests.ops.alerts.figures import DOWN, START, UP, Given
from tests.ops.alerts.figures import snapshot as taken
from tests.ops.alerts.listeners import Mailer, Receiver
from tests.ops.alerts.written import RUNBOOKS
from tests.web.tools import manage

pytestmark = pytest.mark.django_db(databases=["default", "owner", *configured.REPLICA_ALIASES])
QUIET: Given = ("foodshare_postgres_settings_pending_restart", {}, 1.0)


@pytest.fixture(autouse=True)
def site(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """One of the test's own, whose web processes have counted nothing."""
    settings.MONITORING_DIR = tmp_path / "monitoring"
    processes.count_alone(list)
    yield
    processes.count_alone(counters.collect)


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("alerts", *arguments, stdout=out, no_color=True)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def given(found: Snapshot) -> None:
    """Have this be the snapshot that all processes of the machine share."""
    snapshot.place().parent.mkdir(exist_ok=True)
    snapshot.write(snapshot.place(), Snapshot(datetime.now(UTC), found.values))


def test_nothing_wrong() -> None:
    given(taken(UP))
    code, text = run()
    assert code == 0
    assert text.startswith("Nothing is wrong by ")


def test_what_is_critical_comes_first_and_fails() -> None:
    given(taken(QUIET, DOWN))
    Alert.objects.create(rule="CacheDown", severity="critical", summary="x", since=START, fired_at=START)
    code, text = run()
    assert code == 1
    assert text.startswith(f"critical CacheDown: firing since {START:%Y-%m-%d %H:%M} UTC\n    The cache's server")
    assert "info SettingsPendingRestart: pending\n" in text
    assert "docs/runbooks/CacheDown.md" in text


def test_what_is_not_critical_does_not_fail() -> None:
    given(taken(QUIET))
    assert run()[0] == 0


def test_another_program_may_read_it() -> None:
    given(taken(DOWN))
    code, text = run("--json")
    found: dict[str, Any] = json.loads(text)
    assert (code, found["ok"]) == (1, False)
    [alert] = found["alerts"]
    assert (alert["rule"], alert["state"], alert["since"], alert["silenced"]) == ("CacheDown", "pending", None, False)


def test_the_worker_and_the_command_see_the_same() -> None:
    given(taken(DOWN))
    watch_alerts.func(0)
    assert Alert.objects.get().rule == "CacheDown"
    [alert] = json.loads(run("--json")[1])["alerts"]
    assert alert["since"]


def test_the_ways_are_tried(mailer: Mailer, receiver: Receiver) -> None:
    assert run("test") == (0, "email: told\nwebhook: told\n")
    assert mailer.messages[0]["Subject"] == "[FoodShare] 1 firing: Test"
    [alert] = receiver.bodies()[0]["alerts"]
    assert alert["labels"]["alertname"] == "Test"
    assert (RUNBOOKS.parents[1] / alert["annotations"]["runbook_url"]).is_file()
    receiver.status = 500
    code, text = run("test")
    assert code == 1
    assert "webhook: failed: HTTP Error 500" in text


def test_where_nobody_would_be_told_it_says_so() -> None:
    with pytest.raises(CommandError, match="set ALERT_EMAILS, or ALERT_WEBHOOK_URL") as refused:
        run("test")
    assert refused.value.returncode == 2


def test_without_a_database_that_is_what_it_tells(tmp_path: Path) -> None:
    [port] = free_ports(1)
    url = f"postgresql://someone@127.0.0.1:{port}/foodshare"
    result = manage("alerts", "--json", DATABASE_URL=url, DATABASE_OWNER_URL=url, REPLICA_URL="",
                    FOODSHARE_DATA_DIR=str(tmp_path))
    assert result.returncode == 1, result.stderr
    assert "PostgresDown" in {alert["rule"] for alert in json.loads(result.stdout)["alerts"]}
