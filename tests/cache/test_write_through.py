"""What was written through is there at once, and nobody stores what was read before."""

from functools import partial

import pytest
from django.db import OperationalError, transaction

from foodshare.cache.local import local
from foodshare.cache.through import put, write_through
from foodshare.models import User
from tests.cache.conftest import Cache, wait_until
from tests.cache.tools import NAME, aside, fields, loads, rename

pytestmark = pytest.mark.usefixtures("committed")


def rename_through(person: User, new: str) -> None:
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(name=new)
        write_through(NAME, person.pk)


def name(cache: Cache, person: User) -> str:
    found: str = cache.get(NAME, person.pk)
    return found


def test_the_new_value_is_there_before_the_invalidation_is_delivered(cache: Cache, person: User) -> None:
    assert name(cache, person) == "Ada"
    rename_through(person, "Grace")
    assert fields(cache, person)["value"] == '"Grace"'
    wait_until(lambda: local.get(NAME.key(person.pk)) is None)  # every process is told
    made = len(loads)
    assert name(cache, person) == "Grace"
    assert len(loads) == made
    cache.deliver()
    assert name(cache, person) == "Grace"


def test_nothing_is_stored_of_what_is_rolled_back(cache: Cache, person: User) -> None:
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(name="Grace")
        write_through(NAME, person.pk)
        transaction.set_rollback(True)
    assert not fields(cache, person)


def test_a_loader_that_began_before_does_not_overwrite_it(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(lambda: name(cache, person))
        stop.wait()
        rename_through(person, "Grace")
    assert slow.result() == "Ada"
    assert fields(cache, person)["value"] == '"Grace"'
    local.clear()
    assert name(cache, person) == "Grace"


def test_of_two_writes_the_later_one_stays(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(partial(rename_through, person, "Grace"))
        stop.wait()
        rename_through(person, "Mary")
    slow.result()
    assert fields(cache, person)["value"] == '"Mary"'


def test_a_write_while_it_is_written_through_makes_it_invalid(cache: Cache, person: User) -> None:
    with loads.stopped() as stop:
        slow = aside(partial(rename_through, person, "Grace"))
        stop.wait()
        rename(person, "Mary")
        cache.deliver()
    slow.result()
    assert "value" not in fields(cache, person)
    assert name(cache, person) == "Mary"


def test_a_failure_after_the_commit_is_not_told_to_who_wrote(cache: Cache, person: User) -> None:
    name(cache, person)
    loads.errors.append(OperationalError("away"))
    put(NAME, person.pk)
    assert "lease" not in fields(cache, person)
    rename(person, "Grace")
    cache.deliver()
    assert name(cache, person) == "Grace"
