"""Members of a cluster come and go while the platform runs, as Patroni tells."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connections
from pytest_django import Settings

from foodshare.db import members
from foodshare.db.members import address_of


class Patroni(ThreadingHTTPServer):
    """Answers as Patroni's REST interface does."""

    def __init__(self) -> None:
        self.text = b"{}"
        super().__init__(("127.0.0.1", 0), Answer)

    def tell(self, *ports: int) -> None:
        self.text = json.dumps({"members": [{"name": "starting"}, *(
            {"name": f"node{port}", "host": "127.0.0.1", "port": port, "role": "replica"} for port in ports)]}).encode()


class Answer(BaseHTTPRequestHandler):
    server: Patroni

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/cluster" else 404)
        self.end_headers()
        self.wfile.write(self.server.text)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def patroni(settings: Settings) -> Iterator[Patroni]:
    with Patroni() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.PATRONI_URLS = ["http://127.0.0.1:9", f"http://127.0.0.1:{server.server_port}"]
        settings.REPLICA_ALIASES = [*configured.REPLICA_ALIASES]
        before = connections.settings
        yield server
        connections.settings = before
        server.shutdown()


def test_members_enter_and_leave(patroni: Patroni) -> None:
    named = [*configured.REPLICA_ALIASES]
    patroni.tell(*(address_of(alias)[1] for alias in named), 17001, 17002)
    members.follow(members.ask() or [])
    assert [*named, "replica 127.0.0.1:17001", "replica 127.0.0.1:17002"] == configured.REPLICA_ALIASES
    new, like = (connections[alias].settings_dict for alias in ("replica 127.0.0.1:17001", (*named, "default")[0]))
    assert (new["PORT"], new["USER"], new["NAME"]) == (17001, like["USER"], like["NAME"])
    patroni.tell(17002)
    members.follow(members.ask() or [])
    assert [*named, "replica 127.0.0.1:17002"] == configured.REPLICA_ALIASES


@pytest.mark.parametrize("text", [b"", b"[]", b'{"members": 1}', b'{"members": [{"host": "a", "port": "x"}]}'])
def test_an_answer_that_is_none_changes_nothing(patroni: Patroni, text: bytes) -> None:
    patroni.text = text
    assert members.ask() is None
