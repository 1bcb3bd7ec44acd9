"""What a trust level lets people do before others."""

from datetime import datetime, timedelta

from django.db.models import Subquery
from django.utils import timezone

from foodshare.models import FoodPost, User
from groups.models import CommunityGroup
from reputation.models import UserGlobalReputation
from reputation.rules import START_LEVEL

# For how long a fresh post is closed to people of a level: the group's column; exemplary people never wait.
DELAYS = {"exemplary": None, "trusted": "claim_minutes_trusted", "concerning": "claim_minutes_concerning"}
DELAY_OF_OTHERS = "claim_minutes_others"


def opens_at(post: FoodPost, recipient: User) -> datetime | None:
    """From when the person may claim the post, in whole seconds; None: now (settings.CLAIM_OPENS)."""
    if post.group_id is None:
        return None
    level = UserGlobalReputation.objects.filter(user=recipient).values("trust_level")
    group = CommunityGroup.objects.annotate(level=Subquery(level)).filter(pk=post.group_id).first()
    if group is None:  # posts of an adopted database may name groups that are not here
        return None
    opening: datetime = post.created_at + delay(group, group.level or START_LEVEL)
    if opening <= timezone.now():
        return None
    return opening if opening.microsecond == 0 else opening.replace(microsecond=0) + timedelta(seconds=1)


def delay(group: CommunityGroup, level: str) -> timedelta:
    column = DELAYS.get(level, DELAY_OF_OTHERS)
    return timedelta(minutes=getattr(group, column) if column else 0)
