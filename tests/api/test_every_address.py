"""Whatever is sent to whichever address of the API, the answer is no 5xx, and every refusal has the one shape.

Operations come from the API's description, so that those added later are tested without a word here.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from django.db import transaction
from pytest_django import Settings
from rest_framework.test import APIClient

from foodshare.api.idempotency import IdempotentWrites
from foodshare.models import User
from tests.api.operations import (
    NASTY,
    NASTY_BODIES,
    PUBLIC,
    SECRETS,
    UNDESCRIBED,
    Operation,
    operations,
    plain_value,
    routes,
)
from tests.factories import (
    client_for,
    make_conversation,
    make_exchange,
    make_group,
    make_member,
    make_message,
    make_neighbor,
    make_post,
    make_room,
    make_user,
)

pytestmark = pytest.mark.django_db

OPERATIONS = operations()
WRITES = [operation for operation in OPERATIONS if operation.method != "get"]
READS = [operation for operation in OPERATIONS if operation.method == "get"]


@dataclass
class World:
    """People who may do things, and ids of every kind of thing."""

    clients: list[APIClient]
    ids: list[str]


@pytest.fixture
def world(settings: Settings) -> World:
    settings.POSTING_RATES = dict.fromkeys(settings.POSTING_RATES, "1000/s")  # or a refusal hides what is behind it
    group = make_group()
    giver = make_member(group, role="admin")
    neighbor = make_neighbor()
    things = [group, giver, make_post(giver, group), make_exchange(make_post(giver, group)),
              make_post(make_neighbor(neighbor.building)), make_exchange(make_post(neighbor)),
              make_exchange(make_post(giver, group), status="completed"), room := make_room(group),
              make_message(room, giver), make_conversation(giver, neighbor, make_member(group))]
    return World([client_for(giver), client_for(neighbor)], [str(thing.pk) for thing in things])


def send(client: APIClient, operation: Operation, path: str, body: Any = None, **headers: Any) -> Any:
    """The answer, checked; what it wrote is taken back."""
    with transaction.atomic():
        if isinstance(body, bytes):
            answer = client.generic(operation.method, path, cast(str, body), content_type="application/json", **headers)
        else:
            answer = getattr(client, operation.method)(path, body, format="json", **headers)
        transaction.set_rollback(True)
    assert answer.status_code < 500, (str(operation), path[:200], str(body)[:200], answer.content)
    if answer.status_code >= 400:
        data = answer.json()
        assert data["errors"]
        assert all(error["detail"] and set(error) == {"code", "detail", "attr"} for error in data["errors"])
    return answer


def paths(operation: Operation, ids: list[str]) -> list[str]:
    """The operation's address with each of `ids` in each of its places."""
    parts = operation.path.split("/")
    places = [index for index, part in enumerate(parts) if part.startswith("{")]
    filled = []
    for values in product(ids, repeat=len(places)):
        for index, value in zip(places, values, strict=True):
            parts[index] = value
        filled.append("/".join(parts))
    return filled


@dataclass
class Attempt:
    """Who can use an operation, at which address, with the body that an ordinary client would send there."""

    client: APIClient
    path: str
    body: dict[str, Any]


def nearest(world: World, operation: Operation) -> Attempt:
    """Of all people and things the attempt that gets furthest: best one that succeeds."""
    body = {name: world.ids[0] if part.get("format") == "uuid" else plain_value(part)
            for name, part in operation.fields.items()}
    found: dict[int, Attempt] = {}
    for client, path in product(world.clients, paths(operation, world.ids)):
        far = distance(send(client, operation, path, body).status_code)
        found.setdefault(far, Attempt(client, path, body))
        if far == 0:
            break
    return found[min(found)]


def distance(status: int) -> int:
    """How far before the work an answer was given: not found, refused by the body, refused by a rule, done."""
    return 0 if status < 300 else {409: 1, 403: 2, 400: 3}.get(status, 4)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
@pytest.mark.slow
def test_a_nasty_address_is_refused(operation: Operation, world: World) -> None:
    values = ["1", "None", "a" * 300, "%2e%2e", "%F0%9F%A5%96", "%ff", "'", "null",
              "00000000-0000-0000-0000-000000000000"]
    for path in paths(operation, values):
        answer = send(world.clients[0], operation, path)
        if "{" in operation.path:
            assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("operation", READS, ids=str)
@pytest.mark.slow
def test_a_nasty_parameter_is_survived(operation: Operation, world: World) -> None:
    to = nearest(world, operation)
    for name, value in product([*operation.parameters, "unknown"], NASTY):
        send(to.client, operation, f"{to.path}?{urlencode({name: str(value)[:2000]})}")


@pytest.mark.parametrize("operation", WRITES, ids=str)
@pytest.mark.slow
def test_a_nasty_field_is_survived(operation: Operation, world: World) -> None:
    to = nearest(world, operation)
    for name, value in product(operation.fields, NASTY):
        send(to.client, operation, to.path, to.body | {name: value})


@pytest.mark.parametrize("operation", WRITES, ids=str)
@pytest.mark.slow
def test_a_nasty_body_is_survived(operation: Operation, world: World) -> None:
    to = nearest(world, operation)
    for nasty in NASTY_BODIES:
        send(to.client, operation, to.path, nasty)


@pytest.mark.parametrize("operation", [each for each in WRITES if each.route not in SECRETS], ids=str)
@pytest.mark.slow
def test_every_write_with_a_token_can_be_retried(operation: Operation, world: World) -> None:
    to = nearest(world, operation)
    first, again = (getattr(to.client, operation.method)(to.path, to.body, format="json", HTTP_IDEMPOTENCY_KEY="k")
                    for _ in range(2))
    if again.status_code != 401:  # a token that was given back admits no retry
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.content == first.content


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_only_public_addresses_open_without_a_token(operation: Operation) -> None:
    (path,) = paths(operation, [str(make_user().pk)])[:1]
    answer = send(client_for(), operation, path, {})
    assert (answer.status_code == 401) is (operation.route not in PUBLIC)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_suspended_person_is_refused(operation: Operation) -> None:
    user = make_user()
    client = client_for(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    if operation.route not in PUBLIC:
        (path,) = paths(operation, [str(user.pk)])[:1]
        assert send(client, operation, path, {}).status_code == 401


def test_the_description_leaves_no_address_out() -> None:
    described = {shape(operation.route) for operation in OPERATIONS}
    assert {shape(route) for route, _ in routes()} == described | UNDESCRIBED


def shape(route: str) -> str:
    """The route with every parameter as `*`, be it written `{id}`, `<uuid:id>` or `(?P<id>…)`."""
    return "/".join("*" if part[:1] in ("{", "<", "(") else part for part in route.replace("[^/.]", "").split("/"))


def test_every_view_with_writes_takes_idempotency_keys() -> None:
    for route, view in routes():
        methods = set(getattr(view, "actions", None) or view.cls().allowed_methods)
        writes = {method.lower() for method in methods} - {"get", "head", "options"}
        if writes and route not in SECRETS:
            assert issubclass(view.cls, IdempotentWrites), route
