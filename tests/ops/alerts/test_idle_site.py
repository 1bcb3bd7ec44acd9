"""On a site that nobody reads, no standby is missing from the rotation: nobody watches the servers then."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from foodshare.db import standbys
from ops.monitoring import counters
from ops.monitoring.alerts.evaluate import findings
from tests.ops.alerts.figures import snapshot

STANDBY = "nowhere"


@pytest.fixture(autouse=True)
def standby(settings: Settings) -> Iterator[None]:
    """One that is not there, of a process that nobody has asked anything yet."""
    settings.REPLICA_ALIASES = [STANDBY]
    standbys.stop()
    yield
    standbys.stop()
    for name in ("in_rotation", "watching"):
        counters.COUNTED[f"foodshare_router_{name}"].remove(STANDBY)


def wrong() -> set[tuple[str, str]]:
    """The rules that hold of standbys by what this process counts, and of which."""
    counted = [(sample.name, dict(sample.labels), sample.value)
               for family in counters.collect() for sample in family.samples]
    return {finding.key for finding in findings(snapshot(*counted).values) if finding.key[1] == STANDBY}


def test_it_is_out_once_there_is_a_reader_and_until_there_is_none() -> None:
    assert wrong() == set()
    watch = standbys.watch()
    assert wrong() == {("StandbyOutOfRotation", STANDBY)}
    watch.asked_at -= standbys.ASLEEP + 1
    assert wrong() == set()
