"""One command from nothing to a platform on which the main job has been done."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from ops import servers
from ops.children import wait_until_answering
from tests.web.tools import MANAGE, ROOT, heed_signals, wait_for


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A data directory of its own and no server; what runs there at the end is stopped."""
    data_dir = tmp_path_factory.mktemp("quickstart") / "data"
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    yield {**kept, "FOODSHARE_DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "foodshare.settings"}
    servers.stop(data_dir)


def quickstart(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MANAGE, "quickstart", *arguments], env=environment, cwd=ROOT,
                          capture_output=True, text=True, timeout=180, check=False)


@pytest.mark.slow
def test_it_sets_up_and_walks_the_main_job_and_may_be_run_again(environment: dict[str, str]) -> None:
    first = quickstart(environment, "--no-serve")
    assert first.returncode == 0, first.stdout + first.stderr
    assert re.search(r"Superuser \S+, password \S{16}", first.stdout)
    steps = re.findall(r"^ *\d+ ms {2}(.+)$", first.stdout, re.MULTILINE)
    assert steps[0] == "register the giver"
    assert "claim" in steps
    assert steps[-1] == "refresh and look at the group summary"
    assert not any(server.running for server in servers.status(Path(environment["FOODSHARE_DATA_DIR"])))

    again = quickstart(environment, "--no-serve")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "password" not in again.stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_starts_again_a_server_that_ended_until_told_to_stop_all(environment: dict[str, str], tmp_path: Path,
                                                                    number: signal.Signals) -> None:
    """Ctrl-C, SIGTERM or a closed terminal tells it."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*MANAGE, "quickstart"], env=environment, cwd=ROOT, stdout=output,
                                   stderr=subprocess.STDOUT, preexec_fn=heed_signals)
    try:
        [health] = wait_for(lambda: re.findall(r"Health +(\S+)", log.read_text()), 120)
        wait_until_answering(health, process)
        [live] = re.findall(r"Live +(\S+)", log.read_text())
        with pytest.raises(HTTPError, match="401"):  # it is there, and wants a ticket
            urlopen(live, timeout=5)  # noqa: S310 - our own http URL
        wait_for(lambda: b'"status": "ready"' in urlopen(health, timeout=5).read())  # noqa: S310 - our own http URL
        killed = pid_of("streams", environment)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: pid_of("streams", environment) not in (0, killed))
        process.send_signal(number)
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert "Stopped." in log.read_text()
    assert log.read_text().count("Starting again what ended: streams\n") == 1
    assert not any(server.running for server in servers.status(Path(environment["FOODSHARE_DATA_DIR"])))


@pytest.mark.slow
def test_killed_it_leaves_no_web_server_behind(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*MANAGE, "quickstart"], env=environment, cwd=ROOT, stdout=output,
                                   stderr=subprocess.STDOUT, preexec_fn=heed_signals)
    [health] = wait_for(lambda: re.findall(r"Health +(\S+)", log.read_text()), 120)
    process.kill()
    process.wait()
    wait_for(lambda: not answers(health))
    again = quickstart(environment, "--no-serve")
    assert again.returncode == 0, again.stdout + again.stderr


def pid_of(name: str, environment: dict[str, str]) -> int:
    """The process of an embedded server, or 0."""
    return next(server.pid or 0 for server in servers.status(Path(environment["FOODSHARE_DATA_DIR"]))
                if server.name == name)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - our own http URL
            return True
    except OSError:
        return False


def test_a_port_out_of_range_is_refused(environment: dict[str, str]) -> None:
    result = quickstart(environment, "--port", "70000")
    assert result.returncode == 1
    assert "--port 70000" in result.stderr
    assert "Traceback" not in result.stderr
