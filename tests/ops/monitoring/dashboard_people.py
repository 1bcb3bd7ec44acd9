"""Members of the staff who look at the pages of monitoring."""

from django.contrib.auth.models import Permission
from django.test import Client

from foodshare.models import User
from tests.factories import make_user

ADDRESS = "/admin/monitoring/"


def operator(*rights: str) -> User:
    """A member of staff with these rights of `ops`."""
    person = make_user(name="The operator", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="ops", codename__in=rights))
    return person


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client
