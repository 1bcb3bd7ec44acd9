"""Snapshots of a test's own."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def monitoring_directory(settings: Settings, tmp_path: Path) -> Path:
    """A directory without any earlier snapshot, and without other processes' counts; and this machine may ask."""
    settings.METRICS_ALLOWED = [ip_network("127.0.0.0/8"), ip_network("::1")]
    settings.MONITORING_DIR = tmp_path / "monitoring"
    return tmp_path / "monitoring"
