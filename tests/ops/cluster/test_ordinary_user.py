"""Without root: all of it runs as oneself, below one's own directory."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.servers.process import all_may_read
from tests.ops.cluster.conftest import skip_without_programs
from tests.servers.conftest import REPOSITORY
from tests.servers.test_ordinary_user import interpreter, user


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of an ordinary user's with the project in it, reached by a path that this user can walk."""
    place = Path(tempfile.mkdtemp(prefix="foodshare-"))
    for name in ("foodshare", "groups", "reputation", "ops"):
        shutil.copytree(REPOSITORY / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "manage.py", place)
    os.chown(place, user().get("user", -1), user().get("group", -1))
    yield place
    shutil.rmtree(place)


@pytest.mark.slow
def test_an_ordinary_user_has_a_cluster(place: Path) -> None:
    skip_without_programs()
    packages = [entry for entry in sys.path if "site-packages" in entry]
    if user() and not all(all_may_read(Path(entry)) for entry in packages):
        pytest.skip(f"run as root, and nobody else may read {packages}")
    python = interpreter(place)
    environment = {"PYTHONPATH": ":".join(packages), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(place),
                   "LD_LIBRARY_PATH": str(place / "python" / "lib"), "FOODSHARE_DATA_DIR": str(place / "data")}

    def cluster(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([python, str(place / "manage.py"), "cluster", *arguments], env=environment, cwd=place,
                              capture_output=True, text=True, check=False, **user())

    try:
        up = cluster("up")
        assert up.returncode == 0, up.stderr
        assert "export DATABASE_URL=postgresql://" in up.stdout
        assert cluster("status").returncode == 0
    finally:
        down = cluster("down", "--delete")
    assert down.returncode == 0, down.stderr
    assert not (place / "data" / "cluster").exists()
