"""An event of a topic that no stream carries does not wait unseen."""

from typing import Any

import pytest

from foodshare.models import OutboxEvent
from tests.factories import make_moderator, make_user
from tests.streams.tools import deliver, score, tell


@pytest.mark.django_db
def test_it_is_set_aside_with_its_topic_and_seen_in_the_admin(server: Any, client: Any) -> None:
    user = make_user()
    OutboxEvent.objects.create(topic="weather.reports", event_type="rain", user=user)
    tell(user)
    deliver(server)
    row = OutboxEvent.objects.get()
    assert (row.error, row.attempts, row.stream_id) == ("no stream carries the topic weather.reports", 1, None)
    assert score(user) == 77
    client.force_login(make_moderator())
    page = client.get("/admin/foodshare/outboxevent/?state=set-aside").content.decode()
    assert "no stream carries the topic weather.reports" in page
