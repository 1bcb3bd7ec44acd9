"""The smallest views that use the primary and a standby."""

import itertools
import os
import time
from typing import Any

from django.db import connections
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from foodshare.db import pools
from foodshare.db.router import authority
from groups.models import GroupActivitySummary

counters: dict[str | None, "itertools.count[int]"] = {}  # how often a view has run, by `?count=`


def whereabouts(alias: str) -> dict[str, Any]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_is_in_recovery()")
        pid, standby = cursor.fetchone()
    return {"process": os.getpid(), "backend": pid, "standby": standby, "alias": alias}


@api_view(["GET", "POST"])
@permission_classes([AllowAny])
def primary(request: Any) -> Response:
    """Which backend of the primary answers, after holding its connection for `?wait=` seconds."""
    runs = next(counters.setdefault(request.query_params.get("count"), itertools.count(1)))
    whereabouts("default")
    time.sleep(float(request.query_params.get("wait", 0)))
    return Response(whereabouts("default") | {"runs": runs})


@api_view(["GET"])
@permission_classes([AllowAny])
def summary(request: Any) -> Response:
    """Where the router sends the group summary."""
    rows = GroupActivitySummary.objects.all()
    list(rows[:1])
    return Response(whereabouts(rows.db))


@api_view(["GET"])
@permission_classes([AllowAny])
def newest(request: Any) -> Response:
    """Which server answers who must be shown all there is."""
    return Response(whereabouts(authority()))


@csrf_exempt
def plain(request: HttpRequest) -> JsonResponse:
    """As `primary`, outside the API."""
    whereabouts("default")
    time.sleep(float(request.GET.get("wait", 0)))
    return JsonResponse(whereabouts("default"))


def statistics(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"process": os.getpid(), "pools": pools.statistics(),
                         "counted": [key for key in counters if key]})


urlpatterns = [path("primary", primary), path("summary", summary), path("newest", newest), path("plain", plain),
               path("statistics", statistics)]
