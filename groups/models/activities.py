"""What has happened in groups and neighborhoods, as the stream of group activities told."""

from django.db import models

from foodshare.db.fields import TimestampField
from foodshare.models import User
from groups.models.communities import CommunityGroup


class GroupActivity(models.Model):
    """One event of the topic group.mode.activities; its id is the event's. Kept for ninety days."""

    id = models.UUIDField(primary_key=True, editable=False)
    group = models.ForeignKey(CommunityGroup, models.CASCADE, null=True, related_name="activities", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    event_type = models.CharField(max_length=50)
    details = models.JSONField()
    stream_id = models.CharField(max_length=100, null=True)
    created_at = TimestampField()
    processed_at = TimestampField()

    class Meta:
        db_table = "group_activities"
        verbose_name_plural = "group activities"
        indexes = [
            models.Index(fields=["group", "-created_at", "-id"], name="group_activities_group_idx"),
            models.Index(fields=["-created_at", "-id"], name="group_activities_created_idx"),
        ]

    def __str__(self) -> str:
        return self.event_type
