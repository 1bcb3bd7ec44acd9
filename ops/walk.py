"""The platform's main job, walked once over HTTP as two new neighbours and a moderator would.

The moderator's account is made for the walk and deactivated after it; so are the two neighbours.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from django.contrib.auth.models import Group
from django.db import connections

from foodshare.admin.decisions import CONFIRMED
from foodshare.models import Building, Neighborhood, User
from groups.summary import refresh

Report = Callable[[str], None]
GROUP = "Quickstart neighbours"
ADDRESS = "1 Quickstart Street"
DOMAIN = "quickstart.example"  # of everybody's e-mail address


class StepFailed(RuntimeError):
    """A step of the walk was answered otherwise than it should."""


class Visitor:
    """One person with a browser or a phone: an HTTP client that keeps cookies and a token."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.token = ""
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> str:
        request = Request(self.base + path, data=body, headers=headers, method=method)  # noqa: S310 - our own server
        try:
            with self.opener.open(request, timeout=30) as response:
                text: str = response.read().decode()
                return text
        except HTTPError as error:
            raise StepFailed(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from error

    def call(self, method: str, path: str, **data: Any) -> Any:
        """One call of the API; answers the decoded JSON. Raises StepFailed unless the answer is a 2xx."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        text = self.send(method, f"/api/v1/{path}", json.dumps(data).encode() if data else None, headers)
        return json.loads(text) if text else None

    def submit(self, path: str, **fields: Any) -> str:
        """Load a page of the admin and send its form, as a browser does."""
        page = self.send("GET", path, None, {})
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if token is None:
            raise StepFailed(f"GET {path}: the page has no form")
        form = urlencode({"csrfmiddlewaretoken": token[1], **fields}, doseq=True).encode()
        return self.send("POST", path, form, {"Referer": self.base + path})


@contextmanager
def step(report: Report, name: str) -> Iterator[None]:
    """Report `name` with the time it took, in milliseconds."""
    began = time.perf_counter()
    try:
        yield
    except StepFailed as error:
        report(f"  FAILED  {name}")
        raise StepFailed(f"{name}: {error}") from error
    report(f"{(time.perf_counter() - began) * 1000:6.0f} ms  {name}")


def walk(base: str, report: Report) -> None:
    """Walk the main job at the web server `base`. Raises StepFailed at the first step that goes wrong."""
    run = secrets.token_hex(4)
    password = secrets.token_urlsafe(16)
    emails = {name: f"{name}.{run}@{DOMAIN}" for name in ("giver", "recipient", "moderator")}
    prepare(emails["moderator"], password)
    try:
        giver, recipient = Visitor(base), Visitor(base)
        for visitor, name in ((giver, "giver"), (recipient, "recipient")):
            with step(report, f"register the {name}"):
                visitor.token = visitor.call("POST", "auth/register", name=f"Quickstart {name}",
                                             email=emails[name], password=password)["token"]
        verify(base, giver, recipient, emails["moderator"], password, report)
        exchange(giver, recipient, run, report)
    finally:
        User.objects.filter(email__in=emails.values()).update(is_active=False)


def prepare(moderator_email: str, password: str) -> None:
    """The street that the neighbours live in, and a moderator to verify them."""
    neighborhood, _ = Neighborhood.objects.get_or_create(city="Quickstart", name="Old Town")
    Building.objects.get_or_create(neighborhood=neighborhood, address=ADDRESS)
    moderator = User(email=moderator_email, name="Quickstart moderator", is_staff=True)
    moderator.set_password(password)
    moderator.save()
    moderator.groups.add(Group.objects.get(name="moderator"))


def verify(base: str, giver: Visitor, recipient: Visitor, email: str, password: str, report: Report) -> None:
    """Both submit their address; the moderator approves them in the admin."""
    requests = []
    for visitor, apartment in ((giver, "1"), (recipient, "2")):
        with step(report, f"submit address, apartment {apartment}"):
            requests.append(visitor.call("POST", "me/verification", address=ADDRESS, apartment=apartment,
                                         phone="+49 30 1234567")["id"])
    moderator = Visitor(base)
    with step(report, "moderator logs in to the admin"):
        moderator.submit("/admin/login/", username=email, password=password, next="/admin/")
    with step(report, "moderator approves both"):
        moderator.submit("/admin/foodshare/verificationrequest/", action="approve", _selected_action=requests,
                         **{CONFIRMED: "1"})
        for visitor in (giver, recipient):
            expect(visitor.call("GET", "me")["verification_level"], "full")


def exchange(giver: Visitor, recipient: Visitor, run: str, report: Report) -> None:
    """From a post to the ratings, and what reputation and group summary then say."""
    with step(report, "find or found a group, both join"):
        found = giver.call("GET", f"groups?{urlencode({'q': GROUP, 'type': 'neighborhood'})}")["results"]
        group = found[0] if found else giver.call("POST", "groups", name=GROUP, group_type="neighborhood")
        for visitor in ((giver, recipient) if found else (recipient,)):
            visitor.call("POST", f"groups/{group['id']}/join")
    with step(report, "post food"):
        pickup = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
        post = giver.call("POST", "food-posts", title=f"Bread {run}", category="bread", quantity="2 loaves",
                          group=group["id"], pickup_time=pickup, handover_notes="Ring twice")
    with step(report, "browse and find it"):
        page = recipient.call("GET", f"food-posts?{urlencode({'group': group['id'], 'q': run})}")
        expect([row["id"] for row in page["results"]], [post["id"]])
    with step(report, "claim"):
        deal = recipient.call("POST", f"food-posts/{post['id']}/claim")
    for visitor, action, status in ((giver, "confirm", "confirmed"), (recipient, "complete", "completed")):
        with step(report, action):
            expect(visitor.call("POST", f"exchanges/{deal['id']}/{action}")["status"], status)
    for visitor, name in ((recipient, "giver"), (giver, "recipient")):
        with step(report, f"rate the {name}"):
            visitor.call("POST", f"exchanges/{deal['id']}/rate", stars=5, comment="Thank you")
    with step(report, "both see their reputation rise, and why"):
        for visitor, score, kinds in ((giver, "81.50", ["food_shared", "exchange_completed", "highly_rated_food"]),
                                      (recipient, "77.50", ["exchange_completed", "reliable_pickup"])):
            wait_for(partial(has_score, visitor, score), f"no score of {score}")
            events = visitor.call("GET", "me/reputation/events")["results"]
            expect({event["event_type"] for event in events} - {"exchange_rated"}, {*kinds})
    with step(report, "refresh and look at the group summary"):
        refresh(connections["owner"])
        wait_for(lambda: giver.call("GET", f"groups/{group['id']}/summary")["successful_exchanges_30d"] >= 1,
                 "the group summary did not show the exchange")


def has_score(visitor: Visitor, score: str) -> bool:
    reputation = visitor.call("GET", f"users/{visitor.call('GET', 'me')['id']}/reputation")
    return bool(reputation["overall_score"] == score)


def wait_for(condition: Callable[[], bool], otherwise: str, seconds: float = 20.0) -> None:
    """The summary comes from a standby, which follows the primary with a short delay, and reputation by a stream."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise StepFailed(f"{otherwise} within {seconds:.0f} s")
        time.sleep(0.05)


def expect(found: Any, expected: Any) -> None:
    if found != expected:
        raise StepFailed(f"expected {expected!r}, found {found!r}")
