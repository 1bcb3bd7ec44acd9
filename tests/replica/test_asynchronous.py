"""What may be lost with the primary waits for nobody; the next transaction does again."""

import pytest
from django.db import transaction

from foodshare.db.commits import asynchronous
from tests.databases import value

SETTING = "SELECT current_setting('synchronous_commit')"


@pytest.mark.usefixtures("committed")
def test_a_transaction_may_wait_for_nobody() -> None:
    before = value(SETTING, alias="default")
    with asynchronous():
        assert value(SETTING, alias="default") == "off"
    assert value(SETTING, alias="default") == before != "off"


@pytest.mark.usefixtures("committed")
def test_another_transaction_is_not_made_to() -> None:
    with transaction.atomic():
        with pytest.raises(RuntimeError, match="durable"), asynchronous():
            pass
        assert value(SETTING, alias="default") != "off"
