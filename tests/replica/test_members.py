"""Members of a cluster come and go while the platform runs, as Patroni tells."""

import json
import logging
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
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
    with serving() as server:
        settings.PATRONI_URLS = ["http://127.0.0.1:9", f"http://127.0.0.1:{server.server_port}"]
        settings.REPLICA_ALIASES = [*configured.REPLICA_ALIASES]
        before = connections.settings
        yield server
        connections.settings = before


@pytest.fixture
def secure_patroni(settings: Settings, certificate: Path) -> Iterator[Patroni]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        settings.PATRONI_URLS = [f"https://127.0.0.1:{server.server_port}"]
        server.tell(17001)
        before = connections.settings
        yield server
        connections.settings = before


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for loopback that is its own authority, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    path = tmp_path_factory.mktemp("certificate") / "loopback.pem"
    subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                    "-keyout", str(path), "-out", str(path)], check=True, capture_output=True)
    return path


@contextmanager
def serving() -> Iterator[Patroni]:
    with Patroni() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def trust(alias: str, authority: Path) -> None:
    """As if the URL of `alias` named it."""
    config = connections.settings[alias]
    options = config["OPTIONS"] | {"sslrootcert": str(authority)}
    connections.settings = {**connections.settings, alias: config | {"OPTIONS": options}}


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


@pytest.mark.parametrize("replicas", [True, False])
def test_the_authority_of_the_servers_is_that_of_patroni(secure_patroni: Patroni, certificate: Path, replicas: bool,
                                                         settings: Settings) -> None:
    """REPLICA_URL's first server names it; where there is none, DATABASE_URL's."""
    settings.REPLICA_URLS = ["postgresql://named/"] if replicas else []
    settings.REPLICA_ALIASES = ["default" if not replicas else "replica"]
    trust(settings.REPLICA_ALIASES[0], certificate)
    assert members.ask() == {("127.0.0.1", 17001)}


def test_nobody_is_believed_whose_authority_is_not_known(secure_patroni: Patroni, tmp_path: Path) -> None:
    assert members.ask() is None
    trust(members.like(), tmp_path / "absent.pem")
    assert members.ask() is None


def test_the_first_failure_in_a_row_is_a_warning(secure_patroni: Patroni, certificate: Path,
                                                 caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, members.__name__)
    strange = connections.settings
    for _ in range(2):
        members.ask()
    trust(members.like(), certificate)
    members.ask()
    connections.settings = strange
    members.ask()
    said = [record for record in caplog.records if record.name == members.__name__]
    assert [record.levelno for record in said] == [logging.WARNING, logging.INFO, logging.WARNING]
    assert "CERTIFICATE_VERIFY_FAILED" in said[0].getMessage()
