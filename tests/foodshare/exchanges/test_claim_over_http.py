"""A hundred people claim one post at once, each over a connection of their own to a real web server."""

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from random import randrange
from threading import Barrier
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connections

from foodshare.models import Exchange, FoodPost, OutboxEvent
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 100
THREADS = 32  # of the server; its pool has 50 connections


def url_of(alias: str) -> str:
    """The URL of the test database under the role of `alias`."""
    given = connections[alias].settings_dict
    user, password, host = (quote(str(given[key]), safe="") for key in ("USER", "PASSWORD", "HOST"))
    return f"postgresql://{user}:{password}@{host}:{given['PORT']}/{given['NAME']}"


def free_port() -> int:
    """A port that nobody listens on, below the range of outgoing connections."""
    while True:
        port = randrange(20000, 32000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def send(port: int, method: str, path: str, token: str = "") -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers={"Authorization": f"Token {token}"} if token else {})
    response = connection.getresponse()
    status, body = response.status, json.loads(response.read())
    connection.close()
    return status, body


@pytest.fixture
def server() -> Iterator[int]:
    """The port of a web server on the test database."""
    port = free_port()
    environment = {
        **os.environ, "DATABASE_URL": url_of("default"), "DATABASE_OWNER_URL": url_of("owner"), "REPLICA_URL": "",
        "REDIS_URL": settings.REDIS_URL, "STREAM_URL": settings.STREAM_URL, "SECRET_KEY": settings.SECRET_KEY,
        "SECURE_SSL_REDIRECT": "false",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1",
               "--blocking-threads", str(THREADS), "foodshare.wsgi:application"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    try:
        wait_until_it_answers(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        assert process.poll() is None, "the web server ended"
        try:
            assert send(port, "GET", "/api/v1/food-posts")[0] == 401
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the web server does not answer")


@pytest.mark.slow
def test_one_wins_and_all_others_are_told_so(server: int) -> None:
    post = make.make_post()
    assert post.group is not None
    tokens = [make.token_for(make.make_member(post.group)) for _ in range(PEOPLE)]
    together = Barrier(PEOPLE)

    def claim(token: str) -> tuple[int, Any]:
        together.wait()
        return send(server, "POST", f"/api/v1/food-posts/{post.pk}/claim", token)

    with ThreadPoolExecutor(PEOPLE) as people:
        answers = list(people.map(claim, tokens))
    assert Counter(status for status, _ in answers) == {201: 1, 409: PEOPLE - 1}
    assert {body["errors"][0]["code"] for status, body in answers if status == 409} == {"conflict"}
    (won,) = (body for status, body in answers if status == 201)
    exchange = Exchange.objects.get()
    assert (str(exchange.pk), str(exchange.recipient_id)) == (won["id"], won["recipient"]["id"])
    assert FoodPost.objects.get().status == "claimed"
    assert OutboxEvent.objects.filter(event_type="food_claimed").count() == 1
