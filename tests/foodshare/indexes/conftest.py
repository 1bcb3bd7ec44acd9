"""A database of a test's own."""

from tests.ops.partitions.conftest import scratch as scratch
