"""Load over HTTP while the primary is killed and comes back; then the audit finds what is done to the rows, no more."""

import time
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from ops import servers
from ops.cluster.drill.aftermath import look
from ops.cluster.drill.load import Load
from ops.cluster.drill.site import make_people, site
from tests.servers.tools import Cluster

pytestmark = pytest.mark.slow
TWIN: LiteralString = """
    CREATE TEMP TABLE twin AS SELECT * FROM reputation_events WHERE event_type = 'exchange_completed' LIMIT 1;
    UPDATE twin SET id = gen_random_uuid();
    INSERT INTO reputation_events SELECT * FROM twin;
"""
MOVED: LiteralString = """
    WITH one AS (SELECT id FROM reputation_events WHERE event_type = 'food_shared' LIMIT 1)
    UPDATE reputation_events AS event SET id = gen_random_uuid() FROM one WHERE event.id = one.id
    RETURNING one.id::text, event.user_id::text, event.id::text
"""  # lost for a post, and one more of the same author


def test_what_is_lost_and_doubled_is_named_and_nothing_else(tmp_path: Path) -> None:
    directory, backups = tmp_path / "data", tmp_path / "backups"
    servers.start(directory)
    try:
        with site(servers.environment(directory) | {"BACKUP_DIR": str(backups)}, tmp_path / "logs") as place:
            load = Load(place.port, make_people(place))
            with load.running():
                time.sleep(2)
                Cluster(directory).kill("primary")
                servers.start(directory)
                time.sleep(2)
            assert [f"{finding}" for finding in look(place, load.log.acknowledged)] == []
            assert {each.step for each in load.log.acknowledged} == {"posted", "claimed", "confirmed", "completed",
                                                                     "rated"}
            rated = next(each for each in load.log.acknowledged if each.step == "rated")
            with psycopg.connect(place.environment["DATABASE_OWNER_URL"]) as database:
                database.execute("DELETE FROM ratings WHERE exchange_id = %s AND rater_id = %s",
                                 [rated.id, rated.person])
                database.execute(TWIN)
                [(post, author, other)] = database.execute(MOVED).fetchall()
                [(person, exchange)] = database.execute("SELECT user_id, related_exchange_id FROM twin").fetchall()
            found = [f"{finding}" for finding in look(place, load.log.acknowledged)]
            assert f"lost: {rated.title}: rated by {rated.person}, acknowledged as {rated.id}" in found
            assert (f"duplicated: 1 more than the 1 events exchange_completed of person {person} about "
                    f"{exchange}") in found
            assert f"lost: 1 of 1 events food_shared of person {author} about {post}" in found
            assert f"duplicated: 1 more than the 0 events food_shared of person {author} about {other}" in found
            assert not backups.exists()  # what is thrown away has no place among the operator's
    finally:
        servers.stop(directory)
