"""The web server's main process: granian, whose worker processes obey it from their first moment to its last."""

import os
import signal

from granian.cli import entrypoint

from foodshare.processes import end_with_parent


def obey() -> None:
    """Let a process just forked end when told to, and when its parent is gone.

    It inherits handlers that only note a signal, and until Django is loaded would go on. Without its parent,
    which may be killed, it would hold the port and the database's connections for ever.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent()


if __name__ == "__main__":
    os.register_at_fork(after_in_child=obey)
    entrypoint()  # type: ignore[no-untyped-call]
