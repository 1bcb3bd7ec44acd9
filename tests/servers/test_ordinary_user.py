"""Without root: everything lives in the data directory."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.servers.process import RunAs, all_may_read
from tests.servers.conftest import REPOSITORY
from tests.servers.tools import until

SCENARIO = """
import json, os, pathlib, shutil, signal, sys
from ops import servers
data_dir = pathlib.Path(sys.argv[1])
servers.start(data_dir)
pids = {status.name: status.pid for status in servers.status(data_dir)}
os.kill(pids["primary"], signal.SIGKILL)
os.kill(pids["streams"], signal.SIGKILL)
again = servers.start(data_dir)
shutil.rmtree(data_dir)
fresh = servers.start(data_dir)
servers.stop(data_dir)
print(json.dumps([[(s.name, s.running, s.pid, s.data_directory) for s in run] for run in (again, fresh)]))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of an ordinary user's, reached by a path that this user can walk."""
    place = Path(tempfile.mkdtemp(prefix="foodshare-"))
    shutil.copytree(REPOSITORY / "ops", place / "ops")
    os.chown(place, user().get("user", -1), user().get("group", -1))
    yield place
    shutil.rmtree(place)


@pytest.mark.slow
def test_an_ordinary_user_starts_kills_and_restarts(place: Path) -> None:
    packages = [entry for entry in sys.path if "site-packages" in entry]
    if user() and not all(all_may_read(Path(entry)) for entry in packages):
        pytest.skip(f"run as root, and nobody else may read {packages}")
    environment = {
        "PYTHONPATH": os.pathsep.join([str(place), *packages]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LD_LIBRARY_PATH": str(place / "python" / "lib"),
    }
    result = subprocess.run(
        [interpreter(place), "-c", SCENARIO, str(place / "data")],
        env=environment, cwd="/", capture_output=True, text=True, check=False, **user(),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    again, fresh = json.loads(result.stdout)
    assert all(running for _, running, _, _ in again + fresh)
    assert all(directory == str(place / "data" / name) for name, _, _, directory in again + fresh)
    assert not {pid for _, _, pid, _ in again} & {pid for _, _, pid, _ in fresh}
    # What ran in the deleted directory is gone too.
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for _, _, pid, _ in again))


def user() -> RunAs:
    """Who plays the ordinary user: oneself, or nobody when the tests run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def interpreter(place: Path) -> str:
    """A Python that the ordinary user can run: ours, or a copy when ours is below a closed directory."""
    ours = Path(sys.executable).resolve()
    if not user() or all_may_read(ours):
        return str(ours)
    ignored = shutil.ignore_patterns("site-packages", "test", "tests", "idlelib", "config-*", "*.a")
    library = Path(sys.base_prefix) / "lib" / f"python3.{sys.version_info.minor}"
    shutil.copytree(library, place / "python" / "lib" / library.name, ignore=ignored)
    for shared in library.parent.glob("libpython*.so*"):
        shutil.copy(shared, place / "python" / "lib")
    (place / "python" / "bin").mkdir()
    return str(shutil.copy(ours, place / "python" / "bin" / ours.name))
