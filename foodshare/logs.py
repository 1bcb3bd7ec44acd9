"""How often the log says a thing."""

import logging
import time


class Sparse(logging.Filter):
    """Lets a message about one thing, the first that it names, pass once in `seconds`, and says what it kept back."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.passed: dict[tuple[str, str], float] = {}
        self.kept_back: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        about = record.msg, f"{record.args[0]}" if isinstance(record.args, tuple) and record.args else ""
        if time.monotonic() - self.passed.get(about, float("-inf")) < self.seconds:
            self.kept_back[about] = self.kept_back.get(about, 0) + 1
            return False
        self.passed[about] = time.monotonic()
        if kept_back := self.kept_back.pop(about, 0):
            record.msg += f" (and {kept_back} more since)"
        return True
