import sys

from django.apps import AppConfig

# Commands that run for long; which of them runs which statement is counted.
FOLLOWED = {"relay_outbox", "relay_invalidations", "flush_activity", "consume_reputation_events"}


class OperationsConfig(AppConfig):
    name = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        from ops import checks  # noqa: F401 - registers them
        from ops.monitoring import endpoints

        if FOLLOWED & set(sys.argv[1:2]):
            endpoints.follow(f"command {sys.argv[1]}")
