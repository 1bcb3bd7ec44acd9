"""What the schema has lost is told with its table's model, and is put back; once, whoever else sees it."""

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.models import StatementEndpoint
from ops.monitoring.doctor import examine
from ops.monitoring.doctor.checks import CHECKS
from ops.monitoring.doctor.findings import Severity
from tests.databases import run, value
from tests.ops.doctor.tools import mend, only, subjects

pytestmark = pytest.mark.usefixtures("scratch")


@pytest.fixture
def asked(scratch: BaseDatabaseWrapper) -> None:
    StatementEndpoint.objects.using("owner").update_or_create(
        fingerprint="0123456789abcdef", endpoint="GET api/v1/exchanges", calls=3, statement="SELECT id FROM exchanges")


@pytest.mark.usefixtures("asked")
def test_a_trigger_that_somebody_disabled() -> None:
    name = value("SELECT tgname FROM pg_trigger WHERE tgrelid = 'exchanges'::regclass AND tgname LIKE '%life_cycle%'")
    run(f"ALTER TABLE exchanges DISABLE TRIGGER {name}")
    finding = only("schema")
    assert (finding.subject, finding.severity) == (name, Severity.CRITICAL)
    assert (finding.model, finding.endpoints) == ("foodshare.Exchange", ("GET api/v1/exchanges",))
    assert finding.what == f"the trigger {name} of exchanges is disabled"
    mend(finding)
    assert subjects("schema") == []


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(("damage", "subject", "undo"), [
    ("ALTER TABLE exchanges ADD COLUMN planted int", "exchanges.planted", "ALTER TABLE exchanges DROP COLUMN planted"),
    ("ALTER TABLE exchanges DROP CONSTRAINT exchanges_status_check", "exchanges.exchanges_status_check",
     "ALTER TABLE exchanges ADD CONSTRAINT exchanges_status_check "
     "CHECK (status IN ('pending', 'confirmed', 'completed', 'cancelled', 'disputed'))"),
])  # fmt: skip
def test_what_belongs_to_a_table_names_its_model(damage: str, subject: str, undo: str) -> None:
    run(damage)
    try:
        finding = only("schema")
    finally:
        run(undo)
    assert (finding.subject, finding.model) == (subject, "foodshare.Exchange")
    assert finding.endpoints == ("GET api/v1/exchanges",)
    assert subjects("schema") == []


def test_a_lost_index_that_no_other_check_tells_of() -> None:
    run("DROP INDEX idx_profiles_location")
    finding = only("schema")
    assert (finding.subject, finding.model, finding.migration) == ("idx_profiles_location", "foodshare.Profile", None)
    mend(finding)
    assert subjects("schema") == []


@pytest.mark.parametrize(("damage", "told"), [
    ("DROP INDEX exchanges_cancelled_by_id_idx", ("foreign_keys", "exchanges.cancelled_by_id")),
    ("DROP INDEX food_posts_group_id_created_at_id_idx", ("plans", "food_posts_group_id_created_at_id_idx")),
    ("CREATE INDEX users_planted_idx ON users (created_at DESC, id DESC)", ("duplicate_indexes", "users_planted_idx")),
])  # fmt: skip
def test_nothing_is_told_twice(damage: str, told: tuple[str, str]) -> None:
    run(damage)
    report = examine(checks={name: CHECKS[name] for name in ("schema", "duplicate_indexes", "foreign_keys", "plans")})
    for finding in report.findings:
        mend(finding)
    assert [(each.check, each.subject) for each in report.findings] == [told]
    assert subjects("schema") == []
