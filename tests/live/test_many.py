"""A thousand who listen and hear nothing cost no database connection and no thread each."""

import asyncio
import resource
from collections.abc import Iterator

import pytest

from foodshare.models import User
from groups import live
from groups.models import Membership, Room
from ops.live.store import MOST_CONNECTIONS
from tests.factories import make_member
from tests.live.tools import Live, say
from tests.web.tools import backends

LISTENERS = 1000


@pytest.fixture
def many_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def until(stream: Stream, text: bytes) -> bytes:
    """All that comes before the blank line that ends the event in which `text` is."""
    async with asyncio.timeout(60):
        return await stream[0].readuntil(text) + await stream[0].readuntil(b"\n\n")


async def listen(port: int, ticket: str) -> Stream:
    stream = await asyncio.open_connection("127.0.0.1", port)
    stream[1].write(f"GET /events?ticket={ticket} HTTP/1.1\r\nHost: live\r\n\r\n".encode())
    await until(stream, b"event: ready")
    return stream


async def listen_all(port: int, tickets: list[str]) -> list[Stream]:
    streams: list[Stream] = []
    for start in range(0, len(tickets), 50):
        streams += await asyncio.gather(*(listen(port, ticket) for ticket in tickets[start:start + 50]))
    return streams


async def hear_all(streams: list[Stream]) -> list[bytes]:
    told = [await until(stream, b"event: message") for stream in streams]
    for _, writer in streams:
        writer.close()
    return told


@pytest.mark.slow
def test_a_thousand_idle_listeners(process: Live, many_files: None, room: Room) -> None:
    sender = make_member(room.group)
    people = User.objects.bulk_create(User(name=f"Listener {n}", sharing_mode="community") for n in range(LISTENERS))
    Membership.objects.bulk_create(Membership(group=room.group, user=person) for person in people)
    tickets = [live.new_ticket(person) for person in people]
    threads = process.status("Threads")
    with asyncio.Runner() as runner:
        streams = runner.run(listen_all(process.port, tickets))
        assert 1 <= len(backends("foodshare live")) <= MOST_CONNECTIONS
        assert process.status("Threads") == threads
        assert process.status("FDSize") >= LISTENERS
        say(sender, room, "To all")
        told = runner.run(hear_all(streams))
    assert len(told) == LISTENERS
    assert all(b"To all" in each for each in told)
