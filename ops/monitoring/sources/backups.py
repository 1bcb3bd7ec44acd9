"""Backups and the archived log; docs/backups.md."""

from collections.abc import Iterator

from django.conf import settings

from ops.backups.source import Source
from ops.backups.status import metrics, status
from ops.backups.store import Store
from ops.monitoring.figures import Figure


def figures() -> Iterator[Figure]:
    if settings.BACKUP_URL:
        for name, value in metrics(status(Source.configured(), Store.configured())).items():
            yield name, {}, value
