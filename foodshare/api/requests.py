"""What views read from a request."""

from rest_framework.request import Request

from foodshare.models import User

UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"  # of an id in an address


def person_of(request: Request) -> User:
    """Who sent it. For views that admit only people with a token, which all but the public ones do."""
    assert isinstance(request.user, User)  # noqa: S101 - tells the type checker what the permission ensures
    return request.user
