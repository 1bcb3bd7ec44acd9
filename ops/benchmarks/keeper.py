"""Undoing what would outlive this process, whatever becomes of it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

PATIENCE = 30.0  # seconds for the process that undoes to come up
UNDOING = 120.0  # seconds for it to be done


class NotKept(RuntimeError):
    """Nobody could be found to undo it, so nothing was done; or it could not be undone."""


@contextmanager
def undone_afterwards(undo: Callable[..., None], *arguments: object) -> Iterator[None]:
    """Call `undo` with the arguments once the block has ended, in a process of its own, which does so too when this one
    is killed. Raises NotKept, and what it says is not done."""
    line, other = get_context("spawn").Pipe()
    keeper = get_context("spawn").Process(target=keep, args=(other, undo, arguments))
    keeper.start()
    other.close()
    try:
        if not answers(line):
            raise NotKept("No process could be started that undoes what is to be done.")
        yield
    finally:
        line.close()
        keeper.join(UNDOING)
        if keeper.exitcode != 0:
            raise NotKept("What was done may not be undone.")


def answers(line: "Connection[None, bool]") -> bool:
    try:
        return line.poll(PATIENCE) and line.recv()
    except EOFError:
        return False


def keep(line: "Connection[bool, None]", undo: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """Wait until the other end of the line is closed, and undo."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        line.send(True)
        with suppress(EOFError):
            line.recv()
    finally:
        undo(*arguments)
