"""HTTP with JSON, as etcd's gateway and Patroni speak it."""

import base64
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ops.cluster.topology import Tls
from ops.servers.errors import ServersError


class NoAnswer(ServersError):
    """A REST interface does not answer, or refuses. `status` is 0 where there was no answer at all."""

    def __init__(self, url: str, status: int, reason: object) -> None:
        super().__init__(f"{url}: {status or ''} {f'{reason}'.strip()}".replace(":  ", ": "))
        self.status = status


def ask(method: str, url: str, body: object = None, tls: Tls | None = None, timeout: float = 5.0,
        **headers: str) -> Any:
    """The decoded answer, or its text if it is no JSON. Raises NoAnswer."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"Content-Type": "application/json"} | headers, method=method)  # noqa: S310 - http
    try:
        with urlopen(request, timeout=timeout, context=context(tls) if tls else None) as answer:  # noqa: S310 - a server of ours
            text = answer.read().decode()
    except HTTPError as error:
        with error:
            raise NoAnswer(url, error.code, error.read().decode(errors="replace")) from None
    except OSError as error:
        raise NoAnswer(url, 0, error) from None
    try:
        return json.loads(text)
    except ValueError:
        return text


def context(tls: Tls) -> ssl.SSLContext:
    """Shows the certificate, and asks for one that the same authority signed."""
    found = ssl.create_default_context(cadata=Path(tls.authority).read_text())  # an error then names the file
    found.load_cert_chain(tls.certificate, tls.key)
    return found


def basic(user: str, password: str) -> str:
    """The value of the header that proves who asks."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
