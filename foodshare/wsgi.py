"""The web process: Django behind WSGI, with document A's connection pools."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodshare.settings")
os.environ.setdefault("FOODSHARE_USE_POOLS", "true")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
