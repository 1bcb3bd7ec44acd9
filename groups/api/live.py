"""live/ticket: what opens the stream of new messages that `manage.py serve_live` sends."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foodshare.api.permissions import NotPending
from foodshare.api.requests import person_of
from groups import live


class TicketSerializer(serializers.Serializer[dict[str, object]]):
    ticket = serializers.CharField()
    url = serializers.URLField(help_text="The stream's address; add `?ticket=`.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class TicketView(APIView):
    """Ask for a ticket that opens one stream of new messages, within a minute.

    The stream is server-sent events: `message`, `message_edited` and `message_deleted` carry a message; `places`
    tells which rooms and conversations are heard, and `ready` that from here on nothing is left out; after `gap`
    read the history instead. A stream ends at times: ask for another ticket and open it again with
    `&last_event_id=` and the last id it gave. What was sent before may then come again: drop what you have, by id.

    Takes no Idempotency-Key, as a ticket is good for once and kept by nobody: a retry gets another one.
    """

    permission_classes = (IsAuthenticated, NotPending)
    posting_scope = "tickets"

    @extend_schema(request=None, responses={201: TicketSerializer})
    def post(self, request: Request) -> Response:
        ticket = live.new_ticket(person_of(request))
        return Response({"ticket": ticket, "url": f"{settings.LIVE_URL}/events", "expires_in": live.TICKET_SECONDS},
                        status=201)
