"""`manage.py doctor`: what it prints, and its exit codes."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.management.commands.doctor import fixes
from ops.monitoring.doctor import examine
from ops.monitoring.doctor.checks import CHECKS
from ops.monitoring.doctor.findings import Finding, Report, Severity, Unjudged
from tests.databases import run


def doctor(*options: str) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out, code = StringIO(), 0
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return out.getvalue(), code


@pytest.fixture
def doubled(scratch: BaseDatabaseWrapper) -> None:
    run("CREATE INDEX IF NOT EXISTS users_planted_idx ON users (created_at DESC, id DESC)")


@pytest.mark.usefixtures("doubled")
def test_a_finding_says_all_that_a_volunteer_needs() -> None:
    printed, code = doctor()
    assert code == 1
    finding = printed[printed.index("WARNING duplicate_indexes"):]
    for words in ("users_planted_idx is the same as users_created_at_id_idx", "why", "each write keeps it", "do",
                  "foodshare.User", "DROP INDEX CONCURRENTLY IF EXISTS users_planted_idx;", "class Migration"):
        assert words in finding
    assert f"{len(CHECKS)} checks:" in printed


@pytest.mark.usefixtures("doubled")
def test_for_another_program() -> None:
    printed, code = doctor("--json")
    report = json.loads(printed)
    assert (code, report["exit_code"], report["checks"]) == (1, 1, list(CHECKS))
    [finding] = [each for each in report["findings"] if each["check"] == "duplicate_indexes"]
    assert finding["fix_sql"] == ["DROP INDEX CONCURRENTLY IF EXISTS users_planted_idx"]
    assert set(finding) == {"severity", "check", "subject", "what", "why", "advice", "model", "endpoints", "fix_sql",
                            "migration", "by_hand"}


@pytest.mark.usefixtures("doubled")
def test_only_the_sql() -> None:
    printed, code = doctor("--fix-sql")
    assert code == 1
    assert "\nDROP INDEX CONCURRENTLY IF EXISTS users_planted_idx;\n" in printed
    assert all(line.startswith("-- ") or line.endswith(";") for line in printed.splitlines() if line)


def test_all_of_it_can_be_run_but_what_is_to_be_run_by_hand() -> None:
    """To end sessions, drop slots or alter the system is for who has looked first."""
    mended = Finding(Severity.WARNING, "check", "subject", "what", "why", fix_sql=("VACUUM users", "REINDEX INDEX x"))
    ended = replace(mended, fix_sql=("SELECT pg_drop_replication_slot('x')",), by_hand=True)
    lines = fixes(Report((), (mended, ended))).splitlines()
    assert lines[1:5] == ["SET lock_timeout = '3s';", "VACUUM users;", "SET lock_timeout = '3s';", "REINDEX INDEX x;"]
    assert [line for line in lines if "slot" in line] == ["-- SELECT pg_drop_replication_slot('x');"]


@pytest.mark.usefixtures("doubled")
def test_what_is_made_beside_writers_may_wait_for_them() -> None:
    lines = doctor("--fix-sql")[0].splitlines()
    place = lines.index("DROP INDEX CONCURRENTLY IF EXISTS users_planted_idx;")
    assert lines[place - 1] == "SET lock_timeout = '0';"


@pytest.mark.usefixtures("scratch")
def test_a_check_that_cannot_be_made_hides_no_other() -> None:
    run("CREATE INDEX IF NOT EXISTS users_planted_idx ON users (created_at DESC, id DESC)")
    run("ALTER TABLE django_migrations RENAME TO kept")
    try:
        report = examine(checks={name: CHECKS[name] for name in ("migrations", "duplicate_indexes")})
    finally:
        run("ALTER TABLE kept RENAME TO django_migrations")
    assert [(each.check, "django_migrations" in each.reason) for each in report.unjudged] == [("migrations", True)]
    assert [each.subject for each in report.findings] == ["users_planted_idx"]


def finding(severity: Severity) -> Finding:
    return Finding(severity, "check", "subject", "what", "why")


@pytest.mark.parametrize(("severities", "unjudged", "code"), [
    ([], [], 0),
    ([Severity.INFO], [], 0),
    ([Severity.INFO, Severity.WARNING], [], 1),
    ([Severity.WARNING, Severity.CRITICAL], [], 2),
    ([Severity.INFO], ["streams"], 3),
    ([Severity.WARNING], ["streams"], 1),
    ([Severity.CRITICAL], ["streams"], 2),
])
def test_exit_codes(severities: list[Severity], unjudged: list[str], code: int) -> None:
    report = Report((), tuple(map(finding, severities)), tuple(Unjudged(name, "away") for name in unjudged))
    assert report.exit_code == code
