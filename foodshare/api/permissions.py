"""Who may use a part of the API."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from foodshare.api.requests import person_of


class NotPending(BasePermission):
    """Everybody but a neighbor who is not verified yet, who sees and posts nothing. Comes after IsAuthenticated."""

    message = "You see and post nothing among neighbors until your address is verified."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not person_of(request).is_pending_neighbor
