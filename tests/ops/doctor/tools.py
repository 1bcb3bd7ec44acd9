"""Asking the doctor, and doing as it says."""

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

from ops.monitoring.doctor import examine
from ops.monitoring.doctor.checks import CHECKS
from ops.monitoring.doctor.findings import Finding
from ops.monitoring.doctor.limits import Limits
from tests.databases import run

embedded_only = pytest.mark.skipif(not settings.EMBEDDED_SERVERS, reason="looks at servers as we set them up")


def found(check: str, **limits: Any) -> list[Finding]:
    """What one check finds; that it could be made."""
    report = examine(Limits(**limits), {check: CHECKS[check]})
    assert report.unjudged == ()
    return list(report.findings)


def subjects(check: str, **limits: Any) -> list[str]:
    return [finding.subject for finding in found(check, **limits)]


def only(check: str, **limits: Any) -> Finding:
    """The one thing that a check finds."""
    [finding] = found(check, **limits)
    return finding


def mend(finding: Finding) -> None:
    """Run the statements that the finding says."""
    for statement in finding.fix_sql:
        run(statement)


def migrate(finding: Finding, undo: bool = False) -> None:
    """Run the operations of the finding's migration, or undo them."""
    assert finding.migration is not None
    migration = written(finding.migration)
    with connections["owner"].schema_editor(atomic=migration.atomic) as editor:
        before = ProjectState.from_apps(apps)
        if undo:
            migration.unapply(before, editor)
        else:
            migration.apply(before, editor)


def written(text: str) -> Migration:
    """The migration of a file."""
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102 - it is what people are told to run
    [(app, _)] = names["Migration"].dependencies
    migration: Migration = names["Migration"]("9999_mended", app)
    return migration


def flush_statistics() -> None:
    """Have this session's counts be seen, which it hands in about once a second."""
    run("SELECT pg_stat_force_next_flush()")
