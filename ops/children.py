"""Running the project's own long-lived commands as child processes."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from foodshare.processes import end_with_parent

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"
RESTART_AFTER = 2.0  # seconds between two looks at those that are kept running

logger = logging.getLogger(__name__)


class ChildFailed(RuntimeError):
    """A child process ended, or did not come up, when it should run."""


def spawn(*arguments: str, output: int | None = None, **variables: str) -> subprocess.Popen[bytes]:
    """Start `manage.py <arguments>`, away from the terminal's Ctrl-C: its parent tells it when to stop.

    `variables` are added to its environment; `output` is where what it reports goes, as subprocess has it.
    """
    return start(arguments, variables, output)


def start(arguments: Sequence[str], variables: Mapping[str, str], output: int | None,
          errors: int | None = None) -> subprocess.Popen[bytes]:
    """The same; `errors` is where its warnings go."""
    return subprocess.Popen([sys.executable, str(MANAGE), *arguments], start_new_session=True, stdout=output,
                            stderr=errors, preexec_fn=partial(end_with_parent, os.getpid()),
                            env={**os.environ, **variables})


def wait_until_answering(url: str, child: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    """Wait until `url` answers with a 2xx; raises ChildFailed when `child` ends first or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ChildFailed(f"what should answer at {url} ended with exit code {child.returncode}")
        with suppress(URLError, ConnectionError, TimeoutError), urlopen(url, timeout=2):  # noqa: S310 - our own http URL
            return
        time.sleep(0.1)
    raise ChildFailed(f"{url} did not answer within {seconds:.0f} s")


@contextmanager
def kept_running(*commands: str) -> Iterator[None]:
    """Run each `manage.py <command>` while the block runs; one that ends is started again after a moment.

    A thread does it, which must live as long as they do: the kernel ends a child with the thread that started it.
    """
    done = threading.Event()
    keeper = threading.Thread(target=keep, args=(commands, done), name="keeper")
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def keep(commands: Iterable[str], done: threading.Event) -> None:
    running = [(command, spawn(command)) for command in commands]
    while not done.wait(RESTART_AFTER):
        for place, (command, child) in enumerate(running):
            if child.poll() is not None:
                logger.warning("%s ended with exit code %s; starting it again", command, child.returncode)
                running[place] = command, spawn(command)
    stop(child for _, child in running)


def stop(children: Iterable[subprocess.Popen[bytes]], seconds: float = 15.0) -> None:
    """Ask each child to end and wait; one that does not is killed."""
    running = [child for child in children if child.poll() is None]
    for child in running:
        child.send_signal(signal.SIGTERM)
    for child in running:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
