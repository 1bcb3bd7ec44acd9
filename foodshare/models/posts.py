"""Surplus food on offer."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

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

    class Meta:
        db_table = "food_posts"
        constraints = [
            models.CheckConstraint(name="food_posts_status_check", condition=Q(status__in=PostStatus.values)),
            models.CheckConstraint(name="food_posts_sharing_mode_check",
                                   condition=Q(sharing_mode__in=SharingMode.values)),
        ]

    def __str__(self) -> str:
        return self.title


