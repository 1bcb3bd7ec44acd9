"""The text of server-sent events (WHATWG HTML, section 9.2)."""

from typing import Any

import orjson

PING = b": ping\n\n"  # a comment, which keeps proxies from closing a quiet stream


def frame(event: str, data: Any, key: str = "") -> bytes:
    """One event. `key` becomes the client's Last-Event-ID; without one it stays what it is."""
    text = data if isinstance(data, bytes) else orjson.dumps(data, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    head = f"event: {event}\nid: {key}\n" if key else f"event: {event}\n"
    return head.encode() + b"data: " + text + b"\n\n"


def message_frame(event: str, key: str, data: Any) -> bytes:
    """A message. Only a new one moves the Last-Event-ID: the key of one that was changed lies in the past."""
    return frame(event, data, key if event == "message" else "")


def retry_frame(seconds: float) -> bytes:
    """How long the client is to wait before it opens the stream again."""
    return f"retry: {int(seconds * 1000)}\n\n".encode()
