"""What the worker does for backups."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from ops import worker
from ops.backups.schedule import back_up_if_due
from tests.ops.backups.tools import Place


def test_the_log_is_archived_where_there_is_a_role_for_it(settings: Settings) -> None:
    settings.BACKUP_URL = "postgresql://backup@127.0.0.1/foodshare"
    assert worker.beside(streams=False) == ("archive_wal",)
    assert worker.beside(streams=True) == (*worker.BESIDE, "archive_wal")
    settings.BACKUP_URL = ""
    assert worker.beside(streams=True) == worker.BESIDE


@pytest.mark.slow
def test_a_backup_is_taken_when_one_is_due(place: Place, settings: Settings) -> None:
    settings.BACKUP_DIR = place.store.directory
    settings.BACKUP_URL, settings.DATABASE_OWNER_URL = place.source.url, place.source.owner_url
    noon = datetime.now(UTC).replace(hour=12)
    first = back_up_if_due(noon)
    assert first is not None
    assert back_up_if_due(noon) is None
    following = back_up_if_due(noon + timedelta(days=2))
    assert following is not None
    assert following.parent == first.name
    assert place.store.backups() == [first, following]
