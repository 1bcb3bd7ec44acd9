"""The web process: Django behind WSGI, with document A's connection pools."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodshare.settings")
os.environ.setdefault("FOODSHARE_USE_POOLS", "true")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - settings read what is set above

application = get_wsgi_application()
