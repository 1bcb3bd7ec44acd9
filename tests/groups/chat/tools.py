"""A client that speaks JSON unasked."""

from rest_framework.test import APIClient

from foodshare.models import User
from tests import factories


def client_for(user: User | None = None) -> APIClient:
    client = factories.client_for(user)
    client.default_format = "json"
    return client
