"""What a consumer asks of the outbox stays cheap while a hundred thousand events wait."""

import pytest

from foodshare.models import OutboxEvent
from foodshare.streams.names import REPUTATION
from reputation.consumer import Entry, due
from tests.databases import run
from tests.factories import make_user
from tests.plans import explained, nodes, selects

WAITING, PEOPLE, BATCH = 100_000, 5_000, 100
FILL = """
    INSERT INTO outbox_events (event_id, topic, event_type, user_id, payload, stream_id, attempts, error)
    SELECT gen_random_uuid(), %s, 'food_shared', people.id, '{}', '1-1', 0, ''
    FROM generate_series(1, %s) AS number
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM users) AS people
      ON people.place = 1 + number %% %s
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("analyzed", [False, True])
def test_the_rows_of_a_batch_are_found_by_their_people(analyzed: bool) -> None:
    template = make_user()
    run("INSERT INTO users (id, name, email, password) SELECT gen_random_uuid(), 'P', 'p' || n || '@example.org', 'x' "
        "FROM generate_series(2, %s) AS n", PEOPLE)
    run(FILL, REPUTATION, WAITING, PEOPLE)
    if analyzed:
        run("ANALYZE outbox_events")
    rows = OutboxEvent.objects.exclude(user=template).order_by("pk")[:BATCH]
    entries = [Entry("reputation.events:{0}", "1-1", row.pk, row.user_id) for row in rows]
    [statement] = selects(lambda: due(REPUTATION, entries))
    plan = explained(statement)
    scans = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
    assert not [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    assert any("user_id" in name for name in scans)
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 40 * BATCH
