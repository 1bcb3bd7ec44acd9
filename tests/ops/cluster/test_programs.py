"""What a cluster runs, and that the servers' user can run it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from ops.cluster import programs
from ops.cluster.programs import ProgramsMissing, check_installed, closure, copy, patroni_launcher
from ops.servers.process import RunAs


def test_missing_packages_are_named_with_the_line_that_installs_them(tmp_path: Path) -> None:
    (tmp_path / "haproxy").touch(mode=0o755)
    with pytest.raises(ProgramsMissing, match="apt-get install etcd-server etcd-client\n"):
        check_installed(path=str(tmp_path))


@pytest.mark.slow
def test_a_copy_of_patroni_is_whole_and_runs_for_anybody() -> None:
    """Without any other package: whatever it imports is among the copied ones."""
    place = Path(tempfile.mkdtemp(prefix="foodshare-"))  # pytest's own place is closed to others
    needed = {each.name: each for each in closure(distribution("patroni"), {"etcd3", "psycopg3"})}
    assert {"patroni", "PyYAML", "urllib3", "psycopg", "psycopg-binary", "psutil"} <= set(needed)
    assert "Django" not in needed
    try:
        copy(list(needed.values()), place / "packages")
        (place / "launch.py").write_text(patroni_launcher(place / "packages"))
        place.chmod(0o755)
        check = "import sys; sys.path.insert(1, sys.argv[1]); import patroni.dcs.etcd3, psycopg, dns.resolver"
        for command in (["launch.py", "--version"], ["-c", check, str(place / "packages")]):
            result = subprocess.run([*programs.interpreter_for_servers(), "-I", *command], cwd=place, **anybody(),
                                    capture_output=True, text=True, check=False)
            assert result.returncode == 0, result.stderr
    finally:
        shutil.rmtree(place)


def anybody() -> RunAs:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
