"""Snapshots of a test's own."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def monitoring_directory(settings: Settings, tmp_path: Path) -> Path:
    """A directory without any earlier snapshot, and without other processes' counts."""
    settings.MONITORING_DIR = tmp_path / "monitoring"
    return tmp_path / "monitoring"
