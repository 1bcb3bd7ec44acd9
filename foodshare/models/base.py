"""What every table of the documents has in common."""

import uuid

from django.db import models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField
from foodshare.db.keys import KeyTimeField, TimeKeyField, new_key


class UUIDModel(models.Model):
    """A random UUID as key, made in Python so that a service knows it before the row is written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)

    class Meta:
        abstract = True


class CreatedModel(UUIDModel):
    """A row that knows when its transaction began, in UTC."""

    created_at = TimestampField(db_default=DatabaseNow(), editable=False)

    class Meta:
        abstract = True


class TimeKeyedModel(models.Model):
    """A row of a table partitioned by time. Its key carries `created_at`, which is UTC and exact to the microsecond."""

    id = TimeKeyField(primary_key=True, default=new_key, editable=False)
    created_at = KeyTimeField(db_default=DatabaseNow(), editable=False)

    class Meta:
        abstract = True
