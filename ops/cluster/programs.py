"""The programs a cluster needs beside the wheels' own, in a form that the servers' user can run."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from compileall import compile_dir
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from ops.servers.errors import PackageMissing, ServersError
from ops.servers.process import all_may_read
from ops.servers.state import HOMES_OF_ROOT

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEBIAN_PACKAGES = {"etcd": "etcd-server", "etcdctl": "etcd-client", "haproxy": "haproxy"}
PATRONI = "patroni[etcd3,psycopg3]"
NAME = re.compile(r"[A-Za-z0-9._-]+")
LAUNCHER = '''\
"""Patroni under its own name in the list of processes, by which it is found again."""

import sys
from pathlib import Path

if __name__ == "__main__":
    Path("/proc/self/comm").write_text("patroni")
    sys.path.insert(1, {packages!r})
    from patroni.__main__ import main

    main()
'''


class ProgramsMissing(ServersError):
    """Programs of the distribution are not installed."""


def check_installed(path: str = SYSTEM_PATH) -> None:
    """Raises ProgramsMissing, which names the line that installs what is missing."""
    missing = [package for program, package in DEBIAN_PACKAGES.items() if not find(program, path)]
    if missing:
        raise ProgramsMissing(f"A cluster also needs these Debian packages: apt-get install {' '.join(missing)}\n"
                              "(Their own services are not used: systemctl disable --now etcd haproxy)")


def find(program: str, path: str = SYSTEM_PATH) -> str | None:
    return shutil.which(program, path=path)


def patroni_launcher(packages: Path) -> str:
    """The text of a script that runs the Patroni found in `packages`."""
    return LAUNCHER.format(packages=str(packages))


def packages_for_servers() -> Path:
    """Where Patroni lies with all that it imports, readable by the servers' user.

    Root's servers run as another user, who cannot reach a virtual environment below a 0700 directory. Then what
    Patroni needs is copied, once per version, as the servers' binaries are.
    """
    try:
        patroni = distribution("patroni")
        needed = {each.name: each for each in closure(patroni, {"etcd3", "psycopg3"})}
    except PackageNotFoundError as error:
        raise PackageMissing(PATRONI) from error
    source = Path(str(patroni.locate_file("")))
    if os.geteuid() != 0 or all_may_read(source):
        return source
    target = HOMES_OF_ROOT / f"patroni={patroni.version}-psycopg={needed['psycopg'].version}"
    if not target.exists():
        copy(list(needed.values()), target)
    return target


def interpreter_for_servers() -> list[str]:
    """The command of a Python of our version that the servers' user can run: ours, or else the system's."""
    version = f"python3.{sys.version_info.minor}"
    ours = Path(sys.executable).resolve()
    if os.geteuid() != 0 or all_may_read(ours):
        libraries = os.environ.get("LD_LIBRARY_PATH")  # without which some Pythons do not start
        return [*(["env", f"LD_LIBRARY_PATH={libraries}"] if libraries else []), str(ours)]
    found = find(version)
    if found is None:
        raise ProgramsMissing(f"Only root can run {ours}, and Patroni must not run as root: "
                              f"apt-get install {version}, or use a Python that all users can run.")
    return [found]


def closure(first: Distribution, extras: set[str]) -> Iterator[Distribution]:
    """A distribution and all that it requires here, in the given extras of the first."""
    waiting, seen = [(first, extras)], {first.name.lower()}
    while waiting:
        each, wanted = waiting.pop()
        yield each
        for name, of_it in requirements(each, wanted):
            if name.lower() not in seen:
                seen.add(name.lower())
                waiting.append((distribution(name), of_it))


def requirements(each: Distribution, extras: set[str]) -> Iterator[tuple[str, set[str]]]:
    """The names of what it requires that is installed, with their extras."""
    for line in each.requires or ():
        requirement, _, condition = line.partition(";")
        of_extra = re.search(r"""extra == ["']([^"']+)["']""", condition)
        if of_extra and of_extra[1] not in extras:
            continue
        named = NAME.match(requirement.strip())
        listed = re.search(r"\[([^]]*)\]", requirement)
        if named and is_installed(named[0]):
            yield named[0], {word.strip() for word in listed[1].split(",")} if listed else set()


def is_installed(name: str) -> bool:
    """Whether it is there; a requirement of other systems or versions of Python is not."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def copy(needed: list[Distribution], target: Path) -> None:
    """Copy the files of the distributions, readable by all, in one step."""
    target.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    for each in needed:
        for file in each.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                place = temporary / file
                place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                shutil.copyfile(str(each.locate_file(file)), place)
    compile_dir(temporary, quiet=2)  # which the servers' user could not: it may not write there
    for path in (temporary, *temporary.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        temporary.rename(target)
    except OSError:  # another process made it meanwhile
        shutil.rmtree(temporary)
