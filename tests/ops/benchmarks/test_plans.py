"""Plans tell by which index a read is served, and what it scans."""

from uuid import UUID

import pytest
from django.db import connections

from foodshare.models import User
from ops.benchmarks.plans import LARGE, plans_of
from ops.seed.session import own_session
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def make_people(number: int) -> None:
    with own_session() as session:
        session.run("INSERT INTO users (name, email) SELECT 'Person ' || n, n || '@example.org' "
                    "FROM generate_series(1, %(number)s) n", {"number": number})
        session.run("ANALYZE users")


def test_an_index_is_named() -> None:
    make_people(LARGE * 2)
    plans = plans_of([lambda: User.objects.filter(pk=UUID(int=0)).first()])
    assert (plans.indexes, plans.scanned) == ({"users_pkey"}, set())


def test_a_scan_of_a_large_table_is_found_in_any_of_the_calls() -> None:
    make_people(LARGE * 2)
    plans = plans_of([lambda: User.objects.filter(pk=UUID(int=0)).first(),
                      lambda: list(User.objects.filter(image="none"))])
    assert plans.scanned == {"users"}


def test_a_scan_of_a_small_table_is_no_finding() -> None:
    make_people(LARGE // 2)
    assert plans_of([lambda: list(User.objects.filter(image="none"))]).scanned == set()


def test_what_is_written_meanwhile_is_not_explained() -> None:
    assert plans_of([lambda: make_user(name="Ada")]).indexes == set()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM users WHERE name = 'Ada'")
        assert cursor.fetchone() == (1,)
