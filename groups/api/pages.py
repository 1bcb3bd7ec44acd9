"""Pages of status updates, whose table is partitioned by week."""

from typing import Any

from django.db.models import QuerySet

from foodshare.api.pagination import Cursor, WindowedPagination
from foodshare.api.requests import person_of
from foodshare.models import User
from groups.queries import feed


class StatusPagination(WindowedPagination):
    """Pages of what one group or one author told, which is never counted: that would look into every week."""

    windows = feed.WINDOWS

    def count(self, queryset: QuerySet[Any]) -> tuple[int, bool]:
        return self.known()


class FeedPagination(StatusPagination):
    """Pages of the feed of `reader`, by default the requesting person."""

    def __init__(self, reader: User | None = None) -> None:
        self.reader = reader

    def nearest(self, queryset: QuerySet[Any], cursor: Cursor | None, number: int) -> list[Any]:
        place = cursor and feed.Place(cursor.values[0], cursor.values[1], cursor.backwards, cursor.with_row)
        return feed.read(self.reader or person_of(self.request), number, place)
