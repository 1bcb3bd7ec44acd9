"""The staff, logged in to the admin."""

from functools import cache
from importlib import import_module

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.test import Client

from foodshare.models import User
from groups.models import ForumCategory
from tests.factories import make_user
from tests.forum_categories import forum_partitions, recipes

__all__ = ["forum_partitions", "recipes"]

ROLES = import_module("foodshare.migrations.0009_staff_roles")


@pytest.fixture(autouse=True)
def open_category(recipes: ForumCategory) -> None:
    """What the rows of the forum need."""


@pytest.fixture
def roles(db: None) -> None:
    """The migration's roles, made again should a test that truncates have run before."""
    if not Group.objects.filter(name="moderator").exists():
        with connection.schema_editor() as editor:
            ROLES.create_roles(apps_of_migration(), editor)


@cache
def apps_of_migration() -> StateApps:
    """The models as the migration of the roles sees them."""
    return MigrationLoader(connection).project_state(("foodshare", "0009_staff_roles")).apps


def member_of_staff(role: str) -> User:
    person = make_user(name=f"The {role}", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person


@pytest.fixture
def moderator(roles: None) -> User:
    return member_of_staff("moderator")


@pytest.fixture
def support(roles: None) -> User:
    return member_of_staff("support")


@pytest.fixture
def superuser(db: None) -> User:
    return make_user(name="The superuser", is_staff=True, is_superuser=True)


def logged_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def moderator_client(moderator: User) -> Client:
    return logged_in(moderator)


@pytest.fixture
def support_client(support: User) -> Client:
    return logged_in(support)


@pytest.fixture
def superuser_client(superuser: User) -> Client:
    return logged_in(superuser)
