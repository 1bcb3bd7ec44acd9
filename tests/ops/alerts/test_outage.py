"""While the database is away, where alerts are kept, the worker itself tells people of it, and of its end."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ops.monitoring.alerts.outage import Outage
from tests.ops.alerts.figures import START
from tests.ops.alerts.listeners import Mailer, Receiver, serving
from tests.web.tools import Cluster, cluster, manage, running, wait_for

__all__ = ["cluster"]


def goes_on(outage: Outage, *minutes: float) -> None:
    for minute in minutes:
        outage.goes_on(START + timedelta(minutes=minute))


def test_it_is_told_once_it_lasts_and_when_it_is_over(mailer: Mailer) -> None:
    outage = Outage()
    goes_on(outage, 0, 0.5)
    assert mailer.messages == []
    goes_on(outage, 1, 1.5)
    assert [message["Subject"] for message in mailer.messages] == ["[FoodShare] 1 firing: PostgresDown"]
    assert "CRITICAL PostgresDown (default), since " in mailer.text()
    outage.is_over(START + timedelta(minutes=2))
    assert mailer.messages[1]["Subject"] == "[FoodShare] 1 ended: PostgresDown"
    outage.is_over(START + timedelta(minutes=3))
    assert len(mailer.messages) == 2


def test_a_short_one_is_nothing_to_tell(mailer: Mailer) -> None:
    outage = Outage()
    goes_on(outage, 0, 0.9)
    outage.is_over(START + timedelta(minutes=0.95))
    goes_on(outage, 1.5, 2)
    assert mailer.messages == []


def test_a_way_that_failed_is_tried_again(mailer: Mailer, receiver: Receiver) -> None:
    outage, receiver.status = Outage(), 503
    goes_on(outage, 0, 1)
    receiver.status = 204
    goes_on(outage, 2, 3)
    assert (len(mailer.messages), len(receiver.taken)) == (1, 1)


@pytest.mark.slow
def test_a_worker_whose_database_hangs_tells_of_it(cluster: Cluster, tmp_path: Path) -> None:
    """It breaks no connection, so that nothing but silence tells of it."""
    assert manage("migrate", "procrastinate", **cluster.urls).returncode == 0
    receiver, log = Receiver(), tmp_path / "log"
    own = {**cluster.urls, "MONITORING_DIR": str(tmp_path / "monitoring")}
    with serving(receiver), running("worker", "--no-streams", log=log, ALERT_WEBHOOK_URL=receiver.url, **own):
        wait_for(lambda: b"Running jobs" in log.read_bytes())
        with cluster.paused("primary"):
            judged = manage("alerts", "--json", **own)
            assert judged.returncode == 1, judged.stderr
            assert "PostgresDown" in {each["rule"] for each in json.loads(judged.stdout)["alerts"]}
            wait_for(lambda: len(receiver.taken) == 1, seconds=150)
        wait_for(lambda: len(receiver.taken) == 2, seconds=60)
    assert [body["status"] for body in receiver.bodies()] == ["firing", "resolved"]
