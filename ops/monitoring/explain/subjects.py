"""What can be explained: a request to an endpoint, and the queries that the repository names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models import Model
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from rest_framework.test import APIClient

from foodshare.db.operations import ROOT, sql
from foodshare.models import Exchange, FoodPost, Profile, User
from foodshare.streams.names import REPUTATION, TOPICS
from groups.models import CommunityGroup, Conversation, ForumPost, ForumThread, Membership, Message, Room, StatusUpdate
from groups.queries import rankings
from ops.monitoring.explain.capture import Explained, captured
from ops.monitoring.fingerprint import fingerprint, normal
from ops.monitoring.sources.statements import MissingRight, statements
from reputation.rings import mutual_raters

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACEHOLDER = re.compile(r"<(?:\w+:)?\w+>|\{\w+\}")
FINGERPRINT = re.compile(r"[0-9a-f]{16}")
GENERIC_PLANS = 160_000  # the first version of PostgreSQL that plans a statement without its values
KEPT = 10_000  # statements of the server's that are looked through
APP = "/api/v1"
# Whose newest row stands for the placeholder after a word of the address.
ROWS: dict[str, type[Model]] = {
    "food-posts": FoodPost, "exchanges": Exchange, "users": User, "profiles": Profile, "groups": CommunityGroup,
    "rooms": Room, "conversations": Conversation, "messages": Message, "threads": ForumThread, "posts": ForumPost,
    "status-updates": StatusUpdate,
}  # fmt: skip


class Unexplainable(Exception):
    """It names nothing that can be explained; the message says what can be."""


@dataclass(frozen=True)
class Answer:
    """What a request was answered by, and the statements that it ran. A named query has no status."""

    subject: str
    person: str
    status: int | None
    statements: list[Explained]


def explain(subject: str, email: str | None = None, data: Mapping[str, Any] | None = None,
            analyze: bool = True) -> Answer:
    """Run an endpoint, as "GET /api/v1/food-posts?mine=true", or a named query, as "groups/leaderboard", and take back
    what it wrote; or plan the statement of a fingerprint, for whatever values. Raises Unexplainable."""
    if FINGERPRINT.fullmatch(subject):
        return of_fingerprint(subject)
    if "/" in subject and not subject.partition(" ")[2] and subject in names():
        return of_query(subject, person(email), analyze)
    method, path = parts(subject)
    asking = person(email, is_staff=path.startswith("/admin"))
    return of_request(method, filled(path, asking), asking, data, analyze)


# --- People ---------------------------------------------------------------------------------------------


def person(email: str | None, is_staff: bool = False) -> User:
    """The person named, or one who sees something: a member of the largest group; for the admin a superuser."""
    if email is not None:
        found = User.objects.filter(email=email.lower()).first()
        if found is None:
            raise Unexplainable(f"there is nobody with the address {email}")
        return found
    if is_staff:
        found = User.objects.filter(is_superuser=True, is_active=True).first()
    else:
        largest = CommunityGroup.objects.order_by("-member_count").values("pk")[:1]
        members = Membership.objects.filter(group__in=largest, state="active", user__is_active=True)
        member = members.filter(user__sharing_mode="community").select_related("user").order_by("-pk").first()
        found = member.user if member else User.objects.filter(is_active=True).first()
    if found is None:
        raise Unexplainable("there is nobody to ask as; name somebody by --as, or run `manage.py seed_data` first")
    return found


# --- Requests -------------------------------------------------------------------------------------------


def parts(subject: str) -> tuple[str, str]:
    """Method and address. Raises Unexplainable."""
    method, _, path = subject.rpartition(" ")
    method = method.strip().upper() or "GET"
    if method not in METHODS or not path.startswith("/"):
        raise Unexplainable(f"{subject!r} is neither an endpoint, as 'GET {APP}/food-posts', nor one of the queries "
                            f"{', '.join(sorted(CALLS))}")
    return method, path


def filled(path: str, asking: User) -> str:
    """The address with an id in the place of each placeholder: of what the person or anybody made last."""
    done = ""
    while match := PLACEHOLDER.search(path):
        before = path[:match.start()]
        done += before + row_for(before.rstrip("/").rpartition("/")[2], match[0], asking)
        path = path[match.end():]
    address = done + path
    try:
        resolve(urlsplit(address).path)
    except Resolver404:
        raise Unexplainable(f"no endpoint has the address {address}") from None
    return address


def row_for(word: str, placeholder: str, asking: User) -> str:
    model = ROWS.get(word)
    if model is None:
        raise Unexplainable(f"put an id in the place of {placeholder}")
    if model is User:
        return str(asking.pk)
    found = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    if found is None:
        raise Unexplainable(f"there is no row of {model._meta.db_table} to put in the place of {placeholder}")
    return str(found)


def of_request(method: str, address: str, asking: User, data: Mapping[str, Any] | None, analyze: bool) -> Answer:
    client: Client = APIClient(raise_request_exception=False) if address.startswith("/api/") else Client(
        raise_request_exception=False)
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    with captured(analyze) as ran:
        if isinstance(client, APIClient):
            client.force_authenticate(asking)
        else:
            client.force_login(asking)
        ran.clear()
        body = {"data": data, "format": "json"} if data is not None else {}
        answer = getattr(client, method.lower())(address, **body, secure=True, headers={"Host": host})
    return Answer(f"{method} {address}", asking.email or asking.name, answer.status_code, ran)


# --- Statements by fingerprint --------------------------------------------------------------------------


def of_fingerprint(key: str) -> Answer:
    """A statement that the server has run lately, planned for whatever values. Raises Unexplainable."""
    owner = cast(DatabaseWrapper, connections["owner"])
    if owner.pg_version < GENERIC_PLANS:
        raise Unexplainable("to plan a statement without its values takes PostgreSQL 16")
    try:
        found = statements(owner, KEPT).get(key)
    except MissingRight as error:
        raise Unexplainable(f"{error}") from error
    if found is None:
        raise Unexplainable(f"the server keeps no statement of the fingerprint {key}")
    try:
        with transaction.atomic(using="owner"), owner.cursor() as cursor:
            cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {found.query}")
            [plan] = cursor.fetchone()[0]
    except DatabaseError as error:
        raise Unexplainable(f"{normal(found.query)} cannot be planned without its values: {error}") from error
    return Answer(key, "anybody", None, [Explained(normal(found.query), key, plan["Plan"], False, None)])


# --- Named queries --------------------------------------------------------------------------------------


def run(name: str, values: Mapping[str, Any] | list[Any]) -> None:
    """Run a query of a file by itself."""
    app, _, query = name.partition("/")
    with connections["default"].cursor() as cursor:
        cursor.execute(sql(app, f"queries/{query}"), values)


def get(path: str) -> Callable[[User], None]:
    """A request that runs the query."""

    def ask(asking: User) -> None:
        client = APIClient(raise_request_exception=False)
        client.force_authenticate(asking)
        client.get(filled(f"{APP}/{path}", asking), secure=True, headers={"Host": "localhost"})

    return ask


def some_people() -> list[UUID]:
    return [*User.objects.order_by("-created_at").values_list("pk", flat=True)[:20]]


def group_of(asking: User) -> CommunityGroup:
    found = CommunityGroup.objects.order_by("-member_count").first()
    if found is None:
        raise Unexplainable("there is no group; run `manage.py seed_data` first")
    return found


# A representative call of each query that reads and has a file of its own.
CALLS: dict[str, Callable[[User], object]] = {
    "groups/feed_walk": get("feed"),
    "groups/feed_friends": get("feed"),
    "groups/forum_tree": get("forum/threads/<pk>/posts"),
    "groups/leaderboard": lambda asking: rankings.leaderboard(group_of(asking), asking),
    "groups/top_threads": lambda asking: rankings.top_threads(),
    "groups/live_places": lambda asking: run("groups/live_places", {"person": asking.pk}),
    "foodshare/outbox_travelling": lambda asking: run("foodshare/outbox_travelling", {"after": 0, "most": 1000}),
    "foodshare/outbox_unpublished": lambda asking: run("foodshare/outbox_unpublished", {"most": 500}),
    "foodshare/cache_invalidations": lambda asking: run("foodshare/cache_invalidations", {"most": 1000}),
    "reputation/ledger_of": lambda asking: run("reputation/ledger_of", [[asking.pk]]),
    "reputation/memos": lambda asking: run("reputation/memos", {"people": some_people()}),
    "reputation/mutual_raters": lambda asking: mutual_raters(timezone.now() - timedelta(days=90)),
    "reputation/sync_streams": lambda asking: run("reputation/sync_streams", {"topics": [*TOPICS]}),
    "reputation/waiting": lambda asking: run("reputation/waiting", {"people": some_people(), "topic": REPUTATION}),
}


def names() -> set[str]:
    """All queries that have a file, whether they can be explained or not."""
    return {f"{path.parts[-4]}/{path.stem}" for path in ROOT.glob("*/sql/queries/*.sql")}


def of_query(name: str, asking: User, analyze: bool) -> Answer:
    """Raises Unexplainable, also where the call found no use for the query."""
    if name not in CALLS:
        raise Unexplainable(f"{name} has no representative call; those that have: {', '.join(sorted(CALLS))}")
    with captured(analyze) as ran:
        CALLS[name](asking)
    app, _, query = name.partition("/")
    text = sql(app, f"queries/{query}")
    if "{" in text:  # what is filled in differs, what comes before does not
        own = [each for each in ran if is_like(each.statement, text)]
    else:
        own = [each for each in ran if each.fingerprint == fingerprint(text)]
    if not own:
        raise Unexplainable(f"{asking.email} has nothing for which {name} is run; name somebody else by --as")
    return Answer(name, asking.email or asking.name, None, own)


def is_like(statement: str, template: str) -> bool:
    """Whether a statement was made from a text with parts to be filled in."""
    pieces = re.split(r"\{\w+\}", normal(template))
    return re.fullmatch(".*?".join(map(re.escape, pieces)), statement, re.S) is not None
