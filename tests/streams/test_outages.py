"""Servers go away, forget, fill up and are replaced while people's events come in; each of these counts once."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from environ import Env
from pytest_django import Settings

from foodshare.models import OutboxEvent
from foodshare.streams.server import client
from reputation.models import ReputationEvent
from tests.factories import client_for, later, make_group, make_member
from tests.streams.load import Load, under_load
from tests.streams.processes import named, nothing_is_left, services, sessions
from tests.streams.tools import deliver, score
from tests.valkeys import PASSWORD, OwnValkey
from tests.web.tools import Cluster, cluster, manage, terminate, wait_for

__all__ = ["cluster"]

pytestmark = pytest.mark.django_db(transaction=True)
Consumers = Sequence["subprocess.Popen[bytes]"]


@dataclass
class Scene:
    """What may go wrong, and the load under which it does."""

    valkey: OwnValkey
    load: Load
    consumers: Consumers
    directory: Path

    def go_on(self, events: int = 40) -> None:
        """Wait for more events."""
        size = self.load.size
        wait_for(lambda: self.load.size >= size + events)

    def wait_until_applied(self) -> None:
        """Wait for an event that is applied after those of now."""
        applied = ReputationEvent.objects.count()
        wait_for(lambda: ReputationEvent.objects.count() > applied)


def killed(scene: Scene) -> None:
    scene.valkey.kill()
    scene.go_on()
    scene.valkey.start()


def emptied(scene: Scene) -> None:
    for _ in range(3):
        scene.valkey.client().flushall()
        scene.go_on(15)


def without_memory(scene: Scene) -> None:
    """Nothing more fits into the server; the events wait in the outbox."""
    server: Any = scene.valkey.client()
    before = server.config_get("maxmemory")["maxmemory"]
    server.config_set("maxmemory", 1)
    wait_for(lambda: OutboxEvent.objects.filter(stream_id=None).count() >= 40)
    server.config_set("maxmemory", before)


def replaced(scene: Scene) -> None:
    """A replica takes over that has neither the newest entries nor what consumers have acknowledged of late."""
    heir = OwnValkey(scene.directory / "heir", "streams")
    follower: Any = heir.client()
    scene.valkey.client().config_set("repl-diskless-sync-delay", 0)
    follower.config_set("masterauth", PASSWORD)
    follower.replicaof("127.0.0.1", scene.valkey.server.port)
    wait_for(lambda: follower.info("replication")["master_link_status"] == "up")
    scene.go_on()
    follower.replicaof("NO", "ONE")
    scene.wait_until_applied()
    scene.go_on()
    with paused(scene.consumers):
        scene.go_on()
        wait_for(lambda: OutboxEvent.objects.exclude(stream_id=None).count() >= 20)
        scene.valkey.kill()
        heir.stop()
        scene.valkey.server = replace(heir.server, port=scene.valkey.server.port)
        scene.valkey.start()


@contextmanager
def paused(processes: Consumers) -> Iterator[None]:
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)


def hanging(scene: Scene) -> None:
    """It takes connections and does not answer, for longer than anyone waits for it."""
    with scene.valkey.paused():
        wait_for(lambda: any(b"is away" in log.read_bytes() for log in scene.directory.glob("*.log")))
        scene.go_on()


def disconnected(scene: Scene) -> None:
    """The database ends the sessions of relays and consumers, whatever they are doing."""
    for _ in range(4):
        terminate(wait_for(sessions))
        scene.go_on(10)


TROUBLES = [killed, emptied, without_memory, replaced, disconnected, hanging]


def suffer(troubles: Sequence[Callable[[Scene], None]], directory: Path, events: int) -> None:
    (directory / "heir").mkdir()
    valkey = OwnValkey(directory, "streams")
    try:
        with services(directory, servers={"STREAM_URL": valkey.url}) as consumers:
            with under_load() as load:
                scene = Scene(valkey, load, consumers, directory)
                for trouble in troubles:
                    scene.wait_until_applied()
                    trouble(scene)
                wait_for(lambda: load.size >= events)
            server = valkey.client()
            wait_for(lambda: nothing_is_left(server), 60)
        load.check()
    finally:
        valkey.stop()


@pytest.mark.slow
def test_one_trouble_after_the_other_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    suffer([killed, emptied, without_memory, replaced, disconnected], tmp_path, events=300)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_again_and_again(tmp_path: Path, trouble: Callable[[Scene], None]) -> None:
    suffer([trouble] * (1 if trouble is replaced else 3), tmp_path, events=600)


def test_people_notice_nothing_of_an_outage(server: Any, own_streams: OwnValkey, settings: Settings) -> None:
    """A request does not even connect to the streams' server: so it can not wait for one."""
    settings.STREAM_URL = own_streams.url
    client.cache_clear()
    group = make_group()
    author = make_member(group)
    asking = client_for(author)
    connected = server.info("stats")["total_connections_received"]
    for is_away in (False, True):
        if is_away:
            assert server.info("stats")["total_connections_received"] == connected
            own_streams.kill()
        try:
            answer = asking.post("/api/v1/food-posts", {
                "title": "Bread", "group": str(group.pk), "pickup_time": later(hours=3).isoformat()}, format="json")
        finally:
            own_streams.start()
        assert answer.status_code == 201, answer.content
    assert OutboxEvent.objects.filter(event_type="food_shared", stream_id=None).count() == 2
    deliver(server)
    assert score(author) == 79
    client.cache_clear()


@contextmanager
def on_servers_of(cluster: Cluster) -> Iterator[None]:
    """The tests' own connection leads to the servers that they may kill."""
    there = Env.db_url_config(cluster.urls["DATABASE_URL"])
    default = connections["default"]
    here = {key: default.settings_dict[key] for key in ("HOST", "PORT", "NAME", "USER", "PASSWORD")}
    default.close()
    default.settings_dict.update({key: there[key] for key in here})
    try:
        yield
    finally:
        default.close()
        default.settings_dict.update(here)


def has_applied(events: float) -> bool:
    return ReputationEvent.objects.count() > events


@pytest.mark.slow
def test_the_database_is_killed_while_events_are_applied(own_streams: OwnValkey, server: Any, cluster: Cluster,
                                                         tmp_path: Path) -> None:
    cluster.as_superuser("DROP TABLE IF EXISTS group_activity_summary")
    made = manage("migrate", "--skip-checks", **cluster.urls)
    assert made.returncode == 0, made.stderr
    addresses = {name: named(cluster.urls[name]) for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REPLICA_URL")}
    addresses["STREAM_URL"] = own_streams.url
    with on_servers_of(cluster):
        with under_load(pause=0.001) as load:
            wait_for(lambda: load.size >= 1000)
        with services(tmp_path, consumers=2, servers=addresses):
            for share in (0.2, 0.6):
                wait_for(partial(has_applied, share * load.size))
                connections.close_all()
                cluster.kill("primary")
                cluster.restart()
            wait_for(lambda: nothing_is_left(server), 60)
        load.check()
