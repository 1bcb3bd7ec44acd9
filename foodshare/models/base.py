"""What every table of the documents has in common."""

import uuid

from django.db import models

from foodshare.db.fields import DatabaseNow, RandomUUID, TimestampField


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
