"""Processes that this one starts."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(parent: int | None = None) -> None:
    """Have the kernel end this process when its parent is gone, which may be killed and tell nobody.

    The kernel tells only of what happens from now on: given the parent's id, this ends at once if it is gone already.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if parent is not None and os.getppid() != parent:
        os._exit(1)
