"""Surplus food on offer."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.module_loading import import_string

from foodshare.db.expressions import IsAnyOf, Literal
from foodshare.db.fields import TimestampField
from foodshare.models.base import CreatedModel
from foodshare.models.places import Building, Neighborhood
from foodshare.models.users import SharingMode, User


class PostStatus(models.TextChoices):
    """Life of a post. Only an available one can be claimed; a cancelled claim makes it available again."""

    AVAILABLE = "available"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Category(models.TextChoices):
    """What kind of food it is."""

    BREAD = "bread"
    PRODUCE = "produce"
    DAIRY = "dairy"
    PREPARED = "prepared"
    PANTRY = "pantry"
    DRINKS = "drinks"
    OTHER = "other"


class Allergen(models.TextChoices):
    """The fourteen of EU regulation 1169/2011, annex II."""

    GLUTEN = "gluten"
    CRUSTACEANS = "crustaceans"
    EGGS = "eggs"
    FISH = "fish"
    PEANUTS = "peanuts"
    SOYA = "soya"
    MILK = "milk"
    NUTS = "nuts"
    CELERY = "celery"
    MUSTARD = "mustard"
    SESAME = "sesame"
    SULPHITES = "sulphites"
    LUPIN = "lupin"
    MOLLUSCS = "molluscs"


class DietaryTag(models.TextChoices):
    """Diets a food is fit for."""

    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    GLUTEN_FREE = "gluten_free"
    LACTOSE_FREE = "lactose_free"
    HALAL = "halal"
    KOSHER = "kosher"


def groups_of(user: User) -> models.QuerySet[models.Model]:
    """The groups whose food a member sees; a higher app knows them."""
    groups: models.QuerySet[models.Model] = import_string(settings.SHARING_GROUPS)(user)
    return groups


class FoodPostQuerySet(models.QuerySet["FoodPost"]):
    """Posts, narrowed by who asks. No filter here joins, so that each can stand in an UPDATE, whose
    conditions PostgreSQL checks again on the row it waited for only if they are the row's own."""

    def visible_to(self, user: User) -> Self:
        """The posts of the person's own mode that the person may see; none for an unverified neighbour."""
        if user.sharing_mode == SharingMode.COMMUNITY:
            return self.filter(sharing_mode=SharingMode.COMMUNITY, group__in=groups_of(user))
        if user.is_verified_neighbor:
            return self.near(user)
        return self.none()

    def listed_for(self, user: User) -> Self:
        """What is visible to the person, to be listed.

        A member's groups are looked up first: the planner knows how busy a group is only if it sees which one.
        """
        if user.sharing_mode == SharingMode.COMMUNITY:
            groups = list(groups_of(user).values_list("pk", flat=True))
            return self.filter(sharing_mode=SharingMode.COMMUNITY, group__in=groups)
        return self.visible_to(user)

    def near(self, user: User) -> Self:
        """Neighbours' posts from the person's own building and the verified ones of its neighborhood.

        The buildings are gathered first: joined, they would have the planner take the posts of each one and sort
        them all, where walking the neighborhood's index soon fills a page.
        """
        own = Q(pk=user.building_id)
        home = Subquery(Building.objects.filter(own).values("neighborhood"))
        nearby = Building.objects.filter(own | Q(verified_at__isnull=False), neighborhood=home)
        return self.filter(IsAnyOf("building", ArraySubquery(nearby.values("pk"))),
                           sharing_mode=SharingMode.NEIGHBORHOOD, neighborhood=home)

    def owned_by(self, user: User) -> Self:
        """What the person posted, in any mode and status."""
        return self.filter(author=user)

    def reachable_by(self, user: User) -> Self:
        """What the person may look at by its id: what is visible, and one's own."""
        return self.visible_to(user) | self.owned_by(user)

    def with_text(self, text: str) -> Self:
        """Whose title or description contains `text`, in any case."""
        return self.filter(Q(title__icontains=text) | Q(description__icontains=text))

    def open_now(self) -> Self:
        """What can still be claimed."""
        return self.filter(status=Literal(PostStatus.AVAILABLE), pickup_time__gt=timezone.now())

    def expired(self) -> Self:
        """What nobody can claim any more, whether or not the expiry job has said so yet."""
        overdue = Q(status=Literal(PostStatus.AVAILABLE), pickup_time__lte=timezone.now())
        return self.filter(Q(status=PostStatus.EXPIRED) | overdue)

    def past_pickup(self) -> Self:
        """What nobody claimed in time and is to expire."""
        return self.filter(status=Literal(PostStatus.AVAILABLE), pickup_time__lte=timezone.now())


class FoodPost(CreatedModel):
    """Food that someone gives away. Columns up to `author` came before the platform, the others are its own.

    `sharing_mode` is the author's at the time: in neighborhood mode the post belongs to the author's
    building, in community mode to a group.
    """

    group = models.ForeignKey("groups.CommunityGroup", models.DO_NOTHING, null=True, blank=True,
                              related_name="food_posts", db_index=False)
    status = models.CharField(max_length=20, choices=PostStatus, default=PostStatus.AVAILABLE,
                              db_default=PostStatus.AVAILABLE)
    pickup_time = TimestampField(help_text="Until when it can be picked up; then the post expires.")
    title = models.CharField(max_length=255)
    author = models.ForeignKey(User, models.DO_NOTHING, related_name="food_posts", db_index=False)

    sharing_mode = models.CharField(max_length=20, choices=SharingMode, default=SharingMode.COMMUNITY,
                                    db_default=SharingMode.COMMUNITY)
    neighborhood = models.ForeignKey(Neighborhood, models.DO_NOTHING, null=True, blank=True,
                                     related_name="food_posts", db_index=False)
    building = models.ForeignKey(Building, models.DO_NOTHING, null=True, blank=True,
                                 related_name="food_posts", db_index=False)
    description = models.TextField(blank=True, db_default="")
    category = models.CharField(max_length=20, choices=Category, default=Category.OTHER, db_default=Category.OTHER)
    quantity = models.CharField(max_length=100, blank=True, db_default="")
    allergens = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)
    dietary_tags = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)
    best_before = models.DateField(null=True, blank=True)
    handover_notes = models.TextField(blank=True, db_default="",
                                      help_text="Shown only to the two people of the exchange.")

    objects = FoodPostQuerySet.as_manager()

    class Meta:
        db_table = "food_posts"
        constraints = [
            models.CheckConstraint(name="food_posts_status_check", condition=Q(status__in=PostStatus.values)),
            models.CheckConstraint(name="food_posts_sharing_mode_check",
                                   condition=Q(sharing_mode__in=SharingMode.values)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def present_status(self) -> str:
        """`status`, but expired from the pickup time on: the job that writes it comes up to a minute later."""
        over = self.status == PostStatus.AVAILABLE and self.pickup_time <= timezone.now()
        return PostStatus.EXPIRED if over else PostStatus(self.status)


