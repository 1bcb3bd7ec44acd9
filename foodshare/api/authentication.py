"""Who sends a request: the owner of a knox token."""

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from foodshare import presence
from foodshare.models import User


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …`, looked up by the token's hash in one query.

    Here the person is known without another query, so here is noted that they were seen.

    Knox's own look-up reads all of the person's tokens at every request, deletes expired ones while at it,
    and fails on a token that is not UTF-8.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        digest = hash_token(token.decode("latin-1"))
        found = AuthToken.objects.select_related("user").filter(digest=digest).first()
        if found is None or (found.expiry is not None and found.expiry <= timezone.now()):
            raise AuthenticationFailed("The token is unknown or has expired; log in again.")
        if not found.user.is_active:
            raise AuthenticationFailed("This account is suspended.")
        presence.note(found.user.pk)
        return found.user, found


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """The same, for the OpenAPI schema."""

    target_class = "foodshare.api.authentication.TokenAuthentication"
