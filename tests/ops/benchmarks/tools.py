"""Which databases a benchmark reads."""

from django.conf import settings

DATABASES = ["default", "owner", *settings.REPLICA_ALIASES]
