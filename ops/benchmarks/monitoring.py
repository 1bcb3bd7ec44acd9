"""What counting costs: CPU time of a web process per request, with and without it, in interleaved rounds.

A process of its own answers requests by Django's WSGI handler, as a web process does, on a database made for it, one
with counting and one without in turns.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from ops import children
from ops.benchmarks.scratch import Scratch, ScratchFailed, scratch
from ops.benchmarks.sheet import Sheet, spread

AIM = 0.03  # of the CPU time of a request
PATHS = ("/api/v1/food-posts", "/api/v1/groups", "/api/v1/feed", "/api/v1/me", "/api/v1/conversations",
         "/api/v1/me/reputation/events")
COUNTED = "ops.monitoring.requests.Counted"
SCRAPES = 5
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Round:
    """CPU milliseconds per request."""

    counted: float
    bare: float

    @property
    def overhead(self) -> float:
        """The share that counting adds."""
        return self.counted / self.bare - 1


@dataclass(frozen=True)
class Overhead:
    """`scrapes`: CPU milliseconds of the web process for an answer to /metrics with all servers asked anew."""

    requests: int
    rounds: list[Round]
    scrapes: list[float]

    @property
    def share(self) -> float:
        return median(each.overhead for each in self.rounds)

    @property
    def verdicts(self) -> dict[str, bool]:
        return {f"counting adds {self.share:.2%} of CPU time per request, less than {AIM:.0%}": self.share < AIM}

    @property
    def sheets(self) -> list[Sheet]:
        rows = [
            ("CPU ms per request, counted", spread([each.counted for each in self.rounds], ".3f")),
            ("CPU ms per request, not counted", spread([each.bare for each in self.rounds], ".3f")),
            ("counting adds, %", spread([100 * each.overhead for each in self.rounds], ".2f")),
            ("CPU ms per scrape", spread(self.scrapes, ".1f")),
        ]
        title = (f"Counting: {len(self.rounds)} interleaved rounds of {self.requests} × {len(PATHS)} requests "
                 "each way; median (least to greatest)")
        return [Sheet(title, ("", "measured"), rows)]

    @property
    def reasons(self) -> list[str]:
        return []

    @property
    def exit_code(self) -> int:
        return 0 if all(self.verdicts.values()) else 1

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "overhead": [each.overhead for each in self.rounds], "share": self.share,
                "verdicts": self.verdicts, "exit_code": self.exit_code}


def measure(rounds: int, requests: int, report: Report) -> Overhead:
    """Raises ScratchFailed."""
    with scratch() as found, tempfile.TemporaryDirectory() as directory:
        report("making a community", 0, 1)
        seed(found)
        variables = found.variables | {"PROMETHEUS_MULTIPROC_DIR": directory, "MONITORING_DIR": directory,
                                       "FOODSHARE_USE_POOLS": "true", "SECURE_SSL_REDIRECT": "false",
                                       "METRICS_ALLOWED": "127.0.0.1",
                                       "DJANGO_SETTINGS_MODULE": "foodshare.settings"}
        command = [sys.executable, "-m", "ops.benchmarks.monitoring", str(rounds), str(requests)]
        with subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True,
                              cwd=Path(children.MANAGE).parent) as process:
            lines = []
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for line in process.stdout:
                lines.append(json.loads(line))
                report("rounds", min(len(lines), rounds), rounds)
        if process.returncode:
            raise ScratchFailed(f"the process that answers requests ended with exit code {process.returncode}")
    *measured, scrapes = lines
    return Overhead(requests, [Round(*each) for each in measured], scrapes)


def seed(found: Scratch) -> None:
    done = subprocess.run([sys.executable, str(children.MANAGE), "seed_data", "--scale", "demo"], check=False,
                          env={**os.environ, **found.variables}, capture_output=True, text=True)
    if done.returncode:
        raise ScratchFailed(done.stderr.strip())


# --- In the process that answers ------------------------------------------------------------------------


def answer(rounds: int, requests: int) -> None:
    """Print a line of JSON for each round, and one of the scrapes."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.test.utils import override_settings

    from ops.monitoring import endpoints
    from ops.monitoring import requests as counting

    every = counting.TELL_EVERY, endpoints.WRITE_EVERY
    counting.TELL_EVERY = endpoints.WRITE_EVERY = 86_400.0  # done by hand, where it is timed
    bare_middleware = [name for name in settings.MIDDLEWARE if name != COUNTED]
    counted = WSGIHandler()
    with override_settings(MIDDLEWARE=bare_middleware):
        bare = WSGIHandler()
    token = token_of_somebody()

    for _ in range(2):  # the first warms
        compared(counted, bare, requests, token, *every)
    for _ in range(rounds):
        print(json.dumps(compared(counted, bare, requests, token, *every)), flush=True)
    print(json.dumps([scrape(counted) for _ in range(SCRAPES)]), flush=True)


def compared(counted: Any, bare: Any, requests: int, token: str, tell_every: float,
             write_every: float) -> tuple[float, float]:
    """CPU milliseconds per request either way: the means over PATHS of their medians, as other programs on the machine
    slow down some requests. What threads do every few seconds is added as the share that it takes of a busy process."""
    from ops.monitoring import counters, endpoints

    times: dict[tuple[Any, str], list[float]] = defaultdict(list)
    for turn in range(requests):
        for path in PATHS:
            for handler in (counted, bare) if turn % 2 else (bare, counted):
                times[handler, path].append(spent(lambda: get(handler, path, token)))  # noqa: B023 - called at once
    beside = spent(counters.tell) / (1000 * tell_every) + spent(endpoints.write) / (1000 * write_every)
    with_it, without = (fmean(median(times[handler, path]) for path in PATHS) for handler in (counted, bare))
    return with_it * (1 + beside), without


def spent(work: Callable[[], object]) -> float:
    """CPU milliseconds of this thread."""
    begun = time.thread_time()
    work()
    return 1000 * (time.thread_time() - begun)


def token_of_somebody() -> str:
    """A token of a member of the largest group."""
    from knox.models import AuthToken

    from ops.monitoring.explain.subjects import person

    return str(AuthToken.objects.create(person(None))[1])


def get(handler: Any, path: str, token: str = "") -> None:
    """One request, answered to its end."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
               "HTTP_AUTHORIZATION": f"Token {token}", "wsgi.input": sys.stdin.buffer, "wsgi.errors": sys.stderr,
               "wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1"}
    response = handler(environ, lambda status, headers: None)
    if response.status_code != 200:
        raise RuntimeError(f"{path} was answered with {response.status_code}")
    response.close()


def scrape(handler: Any) -> float:
    """CPU milliseconds of this process for a scrape that asks all servers."""
    from ops.monitoring import snapshot

    snapshot.place().unlink(missing_ok=True)
    return spent(lambda: get(handler, "/metrics"))


if __name__ == "__main__":
    answer(int(sys.argv[1]), int(sys.argv[2]))
