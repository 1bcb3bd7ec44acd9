"""A mail server and a webhook's receiver of the tests' own, which keep what they are sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import orjson


class Mailer(ThreadingTCPServer):
    """As much of an SMTP server as takes a message."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refuses = False
        super().__init__(("127.0.0.1", 0), MailHandler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def text(self) -> str:
        """The last message's."""
        payload = self.messages[-1].get_payload(decode=True)
        assert isinstance(payload, bytes)
        return payload.decode().replace("\r\n", "\n")


class MailHandler(StreamRequestHandler):
    server: Mailer

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"MAIL" and self.server.refuses:
                self.say("451 not now")
            elif word == b"DATA":
                self.take()
            else:
                self.say("221 bye" if word == b"QUIT" else "250 well")

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.messages.append(message_from_bytes(b"".join(lines)))
        self.say("250 taken")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Receiver(HTTPServer):
    """Takes what is POSTed, and answers with `status`."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        super().__init__(("127.0.0.1", 0), PostHandler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook?key=1"

    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for _, body in self.taken]


class PostHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status < 300:
            self.server.taken.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def serving(server: ThreadingTCPServer | HTTPServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
