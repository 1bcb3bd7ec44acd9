"""Short news that people tell their friends."""

from django.db import models
from django.db.models import Q

from foodshare.db.invalidation import noted
from foodshare.models import User
from foodshare.models.base import TimeKeyedModel
from groups.models.communities import CommunityGroup


class StatusUpdate(TimeKeyedModel):
    """What somebody tells their friends and, with a group, its members too. Partitioned by week."""

    author = models.ForeignKey(User, models.DO_NOTHING, related_name="status_updates", db_index=False)
    group = models.ForeignKey(CommunityGroup, models.DO_NOTHING, null=True, blank=True, related_name="status_updates",
                              db_index=False)
    content = models.CharField(max_length=280)

    class Meta:
        db_table = "status_updates"
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="status_updates_page_idx"),
            models.Index(fields=["author", "-created_at", "-id"], name="status_updates_author_idx"),
            models.Index(fields=["group", "-created_at", "-id"], name="status_updates_group_idx",
                         condition=Q(group__isnull=False)),
        ]
        triggers = noted("status_update", ["author_id"], inserts=True,
                         updates=["author_id", "group_id", "content", "created_at"])

    def __str__(self) -> str:
        return self.content[:50]
