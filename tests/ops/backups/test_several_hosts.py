"""BACKUP_URL may name all members of a cluster: whichever is the primary is backed up."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from foodshare.settings import check_libpq_url
from ops.backups.source import Source
from ops.backups.take import take
from tests.ops.backups.tools import Place


@dataclass
class Members(Place):
    """The same servers by one URL, the standby before the primary."""

    @property
    def source(self) -> Source:
        primary, standby = urlsplit(self.urls["BACKUP_URL"]), urlsplit(self.urls["REPLICA_URL"])
        url = (f"postgresql://{primary.username}:{primary.password}@{standby.hostname}:{standby.port},"
               f"{primary.hostname}:{primary.port}{primary.path}?target_session_attrs=read-write")
        check_libpq_url("BACKUP_URL", url)
        return Source(url, self.urls["DATABASE_OWNER_URL"])


@pytest.mark.slow
def test_the_primary_among_them_is_archived_and_copied(place: Place) -> None:
    members = Members(place.data_dir, place.store)
    with members.archiving():
        taken, _ = take(members.source, members.store)
    assert not taken.from_replica
    assert taken.system_id == place.source.identify().system_id
    assert members.store.archive(taken).files()
