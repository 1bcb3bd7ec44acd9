"""The project's settings with the tests' own views and jobs."""

from foodshare.settings import *  # noqa: F403

ROOT_URLCONF = "tests.web.urls"
PROCRASTINATE_IMPORT_PATHS = ["tests.web.jobs"]
