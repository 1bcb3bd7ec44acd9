"""Leaving a server alone for a while once it was found down, so that hardly a request waits for it."""

import threading
import time


class Breaker:
    """A circuit breaker for each of some servers, by name; for all threads of this process."""

    def __init__(self, pause: float) -> None:
        """`pause`: seconds that a server found down is left alone."""
        self.pause = pause
        self.down_until: dict[str, float] = {}
        self.down_since: dict[str, float] = {}
        self.lock = threading.Lock()

    def may_try(self, server: str) -> bool:
        """Whether it is up as far as is known; once it was down, one thread tries while the others pass on."""
        with self.lock:
            now = time.monotonic()
            if now < self.down_until.get(server, 0.0):
                return False
            if server in self.down_until:
                self.down_until[server] = now + self.pause
            return True

    def failed(self, server: str) -> None:
        now = time.monotonic()
        self.down_since.setdefault(server, now)
        self.down_until[server] = now + self.pause

    def answered(self, server: str) -> None:
        self.down_until.pop(server, None)
        self.down_since.pop(server, None)

    def down_for(self, server: str) -> float:
        """Seconds since it was found down and has not answered; 0 for one that is up."""
        now = time.monotonic()
        return now - self.down_since.get(server, now)
