"""A relay or a consumer that is killed again and again, as by a power failure.

    python -m tests.streams.victim consumer applied:3 acknowledged:1 moment:250

is a consumer that kills itself when it has applied events for the third time, then another one that does so at its
first acknowledgement, then one that is killed 250 milliseconds after its start, wherever it is by then.
"""

import os
import signal
import sys
from collections import Counter
from threading import Timer

import django

MOMENT = "moment"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def live(role: str, step: str, number: int) -> None:
    """Work until death."""
    from foodshare.streams.loop import Stop, until_stopped
    from foodshare.streams.relay import Relay
    from foodshare.streams.server import client
    from reputation.consumer import Consumer

    done: Counter[str] = Counter()

    def tell(what: str) -> None:
        done[what] += 1
        if what == step and done[what] == number:
            die()

    if step == MOMENT:
        Timer(number / 1000, die).start()
    server = client()
    worker = Relay(server, tell) if role == "relay" else Consumer(server, step=tell, claim_idle=1.0)
    until_stopped(worker.work, Stop())


def main(role: str, *deaths: str) -> int:
    """One life after the other; each process is new, and has connections of its own."""
    django.setup()
    for death in deaths:
        step, _, number = death.partition(":")
        child = os.fork()
        if child == 0:
            live(role, step, int(number))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            print(f"{role} {death}: ended with status {status}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
