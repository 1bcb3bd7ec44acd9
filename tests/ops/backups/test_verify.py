"""The commands, on a platform with people: backed up, verified, and what is wrong told."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import servers
from ops.backups.receiver import Receiver
from ops.backups.store import Store
from tests.ops.backups.tools import Place
from tests.servers.conftest import remove
from tests.web.tools import MANAGE, ROOT


def manage(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"FOODSHARE_DATA_DIR": str(place.data_dir)}
    return subprocess.run([*MANAGE, *arguments], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True,
                          timeout=120, check=False)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "data", Store(tmp_path / "data" / "backups"))
    servers.start(place.data_dir)
    try:
        assert manage(place, "migrate", "--verbosity", "0").returncode == 0
        assert manage(place, "seed_data", "--scale", "demo").returncode == 0
        yield place
    finally:
        remove(place.data_dir)


@pytest.mark.slow
def test_a_backup_is_taken_verified_and_found_wanting(platform: Place) -> None:
    assert "there is no backup yet" in manage(platform, "backup_database", "--status").stdout
    receiver = Receiver(platform.source, platform.store)
    try:
        platform.archived(receiver)
        taken = json.loads(manage(platform, "backup_database", "--json").stdout)
        assert taken["kind"] == "full"
        platform.run("INSERT INTO neighborhoods (id, name, city) VALUES (gen_random_uuid(), 'Nordend', 'Leipzig')")
        platform.archived(receiver)
        assert manage(platform, "backup_database", "--status").returncode == 0
    finally:
        receiver.stop()
    good = manage(platform, "verify_backup", "--json")
    found = json.loads(good.stdout)
    assert (good.returncode, found["findings"]) == (0, [])
    assert found["counts"]["users"] == {"restored": 50, "now": 50}
    assert found["counts"]["neighborhoods"]["restored"] == 17
    assert found["rto"] > 0
    assert found["rpo"] > 0  # nobody archives any more
    platform.run("UPDATE user_global_reputation SET overall_score = overall_score - 1")
    platform.run("DROP INDEX idx_food_posts_active_location")
    assert manage(platform, "backup_database", "--incremental").returncode == 0
    bad = manage(platform, "verify_backup")
    assert bad.returncode == 1
    assert "idx_food_posts_active_location, state MISSING" in bad.stdout
    assert "rebuild_reputation --check: " in bad.stdout
    assert "of no use as it is" in bad.stdout
    status = manage(platform, "backup_database", "--status")
    assert status.returncode == 1
    assert "idx_food_posts_active_location" in status.stdout
    assert "nobody archives the WAL" in status.stdout
