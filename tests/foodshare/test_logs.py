"""A log that is not drowned by one thing."""

import logging

import pytest

from foodshare.logs import Sparse


@pytest.fixture
def logger() -> logging.Logger:
    found = logging.getLogger("tests.sparse")
    found.addFilter(Sparse(3600.0))
    return found


def test_each_thing_is_told_once(logger: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    for pool in ("default", "replica", "default", "default"):
        logger.warning("error connecting in %r: %s", pool, "refused")
    logger.warning("another thing")
    assert caplog.messages == ["error connecting in 'default': refused", "error connecting in 'replica': refused",
                               "another thing"]


def test_what_was_kept_back_is_told_of_later(caplog: pytest.LogCaptureFixture) -> None:
    logger, sparse = logging.getLogger("tests.sparse.later"), Sparse(3600.0)
    logger.addFilter(sparse)
    for _ in range(3):
        logger.warning("error in %s", "a pool")
    sparse.passed.clear()
    logger.warning("error in %s", "a pool")
    assert caplog.messages == ["error in a pool", "error in a pool (and 2 more since)"]
