"""Room on this machine's disks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from ops.monitoring.figures import Figure
from ops.servers.state import load


def places() -> dict[str, Path]:
    """The directories that fill, as far as they are on this machine. The database is, where it is embedded."""
    found = {"data": settings.FOODSHARE_DATA_DIR, "backups": settings.BACKUP_DIR,
             "archive": settings.PARTITION_ARCHIVE_DIR}
    if settings.EMBEDDED_SERVERS and (state := load(settings.FOODSHARE_DATA_DIR)):
        found["database"] = Path(state.home)
    return {name: path for name, path in found.items() if path.is_dir()}


def figures() -> Iterator[Figure]:
    for name, path in places().items():
        usage = shutil.disk_usage(path)
        yield "foodshare_disk_free_bytes", {"place": name}, usage.free
        yield "foodshare_disk_size_bytes", {"place": name}, usage.total
