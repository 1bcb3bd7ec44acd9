"""The stored shapes of critical queries' plans: a text file for each major version of PostgreSQL, to be read in review.

A query has a line `## its name`, each of its statements `# its fingerprint and text`, and each shape that its plan may
have is a block of lines; two shapes of one statement are parted by a line `or`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

FOLDER = Path(__file__).parent / "baseline"
OR = "or"
INDEXED = re.compile(r" by (?P<index>\w+) on (?P<table>\w+)")

Shape = tuple[str, ...]
Key = tuple[str, str]  # the query's name, and a statement's fingerprint


@dataclass
class Planned:
    """A statement without its values, and the shapes that it was planned in."""

    text: str
    shapes: set[Shape] = field(default_factory=set)


Plans = dict[Key, Planned]


def path_of(version: int) -> Path:
    """The file of a major version."""
    return FOLDER / f"{version}.txt"


def write(version: int, plans: Plans) -> Path:
    path = path_of(version)
    path.write_text("\n".join(chain(render(plans), [""])), encoding="utf-8")
    return path


def read(version: int) -> Plans | None:
    """What is stored; None where nothing is for this version."""
    path = path_of(version)
    return parse(path.read_text(encoding="utf-8").splitlines()) if path.exists() else None


def newest() -> Plans:
    """What is stored for the newest version: which indexes serve what is the same for all."""
    return read(max(int(path.stem) for path in FOLDER.glob("*.txt"))) or {}


def indexes_of(plans: Mapping[Key, Planned]) -> dict[tuple[str, str], set[str]]:
    """By index and table, the queries that are served by it."""
    served: dict[tuple[str, str], set[str]] = {}
    for (query, _), planned in plans.items():
        for line in chain.from_iterable(planned.shapes):
            if match := INDEXED.search(line):
                served.setdefault((match["index"], match["table"]), set()).add(query)
    return served


def render(plans: Mapping[Key, Planned]) -> Iterator[str]:
    name = None
    for (query, fingerprint), planned in sorted(plans.items()):
        if query != name:
            yield from ([""] if name else []) + [f"## {query}"]
            name = query
        yield f"# {fingerprint} {planned.text}"
        yield from block(planned.shapes)


def block(shapes: Iterable[Shape]) -> Iterator[str]:
    for number, shape in enumerate(sorted(shapes)):
        yield from ([OR] if number else [])
        yield from shape


def parse(lines: Iterable[str]) -> Plans:
    """The reverse of `render`."""
    plans: Plans = {}
    query, current, shape = "", Planned(""), list[str]()

    def close() -> None:
        if shape:
            current.shapes.add(tuple(shape))
            shape.clear()

    for line in lines:
        if line.startswith("# "):
            close()
            fingerprint, _, text = line.removeprefix("# ").partition(" ")
            current = plans[query, fingerprint] = Planned(text)
        elif line.startswith("## "):
            close()
            query = line.removeprefix("## ")
        elif line in ("", OR):
            close()
        else:
            shape.append(line)
    close()
    return plans
