"""The staff, logged in to the admin."""

from functools import cache
from importlib import import_module

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.test import Client

from foodshare.models import User
from groups.models import ForumCategory
from tests.factories import make_user
from tests.forum_categories import forum_partitions, recipes

__all__ = ["forum_partitions", "recipes"]

# The migrations that make the roles or give them rights, each by its app and name.
ROLES = {key: import_module(".migrations.".join(key))
         for key in (("foodshare", "0009_staff_roles"), ("groups", "0010_chat_roles"),
                     ("groups", "0013_group_activities"), ("reputation", "0006_trust_violations"),
                     ("reputation", "0010_moderators"), ("ops", "0002_operators"))}


@pytest.fixture(autouse=True)
def open_category(recipes: ForumCategory) -> None:
    """What the rows of the forum need."""


@pytest.fixture
def roles(db: None) -> None:
    """The migration's roles, made again should a test that truncates have run before."""
    if not Group.objects.filter(name="moderator").exists():
        with connection.schema_editor() as editor:
            make_roles(editor)


def make_roles(editor: BaseDatabaseSchemaEditor) -> None:
    for key, migration in ROLES.items():
        for step in ("create_roles", "grant"):
            getattr(migration, step, nothing)(apps_of(*key), editor)


def remove_roles(editor: BaseDatabaseSchemaEditor) -> None:
    for key, migration in ROLES.items():
        getattr(migration, "remove_roles", nothing)(apps_of(*key), editor)


def nothing(*_: object) -> None:
    """What most migrations do of roles: they give them rights."""


@cache
def apps_of(app: str, name: str) -> StateApps:
    """The models as a migration sees them."""
    return MigrationLoader(connection).project_state((app, name)).apps


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
def operator(roles: None) -> User:
    return member_of_staff("operator")


@pytest.fixture
def moderator_client(moderator: User) -> Client:
    return logged_in(moderator)


@pytest.fixture
def support_client(support: User) -> Client:
    return logged_in(support)


@pytest.fixture
def operator_client(operator: User) -> Client:
    return logged_in(operator)


@pytest.fixture
def superuser_client(superuser: User) -> Client:
    return logged_in(superuser)
