"""Where verified neighbours live."""

from django.db import models
from django.db.models.functions import Lower

from foodshare.db.fields import TimestampField
from foodshare.models.base import CreatedModel


class Neighborhood(CreatedModel):
    """The area within which buildings are near each other."""

    name = models.CharField(max_length=100)
    city = models.CharField(max_length=100)

    class Meta:
        db_table = "neighborhoods"
        constraints = [
            models.UniqueConstraint(Lower("city"), Lower("name"), name="neighborhoods_city_name_uniq"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class Building(CreatedModel):
    """One address. Its food is seen nearby once a moderator has verified it."""

    neighborhood = models.ForeignKey(Neighborhood, models.PROTECT, related_name="buildings")
    address = models.CharField(max_length=255)
    verified_at = TimestampField(null=True, blank=True, help_text="When its address was confirmed; empty: not yet.")

    class Meta:
        db_table = "buildings"
        constraints = [
            models.UniqueConstraint("neighborhood", Lower("address"), name="buildings_neighborhood_address_uniq"),
        ]

    def __str__(self) -> str:
        return self.address
