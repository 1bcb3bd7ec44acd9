"""The pictures of docs/screenshots, of a site that `manage.py quickstart` runs with the same FOODSHARE_DATA_DIR:

    python -m tests.ops.monitoring.pictures http://127.0.0.1:8000 docs/screenshots

It asks the API as people do, and puts a past of three months in place of what the site keeps of its own.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import django

django.setup()

import psycopg  # noqa: E402 - after the settings, as all that follows
from django.db import connections  # noqa: E402
from knox.models import AuthToken  # noqa: E402

from foodshare.models import User  # noqa: E402
from groups.models import Membership  # noqa: E402
from ops.models import MonitoringBaseline, MonitoringSample, StatementEndpoint, StatementSample  # noqa: E402
from ops.monitoring import history, snapshot  # noqa: E402
from tests.ops.monitoring.browser import Browser  # noqa: E402
from tests.ops.monitoring.planted import plant_history, plant_statement_hours  # noqa: E402

PATHS = ("food-posts", "food-posts?mine=true", "groups", "feed", "rooms", "conversations", "exchanges", "me",
         "forum/categories", "relationships", "reputation/leaderboard")
PEOPLE, ROUNDS = 24, 12
PASSWORD = "only for pictures 17"  # of an account that is closed again
EMAIL = "pictures@quickstart.example"
PLAIN = [("overview", "desk", "light"), ("overview", "desk", "dark"), ("overview", "phone", "dark"),
         ("queries", "desk", "light"), ("space", "phone", "light")]


def ask(base: str) -> None:
    """What people do in a while: look around."""
    members = Membership.objects.filter(state="active").values_list("user_id", flat=True)
    people = User.objects.filter(pk__in=members, is_active=True, sharing_mode="community").order_by("pk")[:PEOPLE]
    tokens = [str(AuthToken.objects.create(person)[1]) for person in people]

    def look(token: str) -> None:
        for path in PATHS * ROUNDS:
            request = Request(f"{base}/api/v1/{path}", headers={"Authorization": f"Token {token}"})  # noqa: S310 - ours
            with suppress(HTTPError), urlopen(request, timeout=30) as answer:  # noqa: S310 - ours
                answer.read()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, tokens))


def plant() -> None:
    """A past in place of the site's own; statements of the API lead it."""
    figures = history.figures_of(snapshot.current())
    sizes = {key: value for key, value in figures.items() if "_size_bytes" in key}
    for model in (MonitoringSample, MonitoringBaseline, StatementSample):
        model.objects.all().delete()
    plant_history(datetime.now(UTC), sizes)
    counted = {key: value for key, value in figures.items() if history.is_of_processes(key) and history.is_counter(key)}
    MonitoringBaseline.objects.create(name=history.here(), at=datetime.now(UTC), figures=counted)
    led = StatementEndpoint.objects.filter(endpoint__contains=" api/v1/").order_by("-calls")
    for key in list(dict.fromkeys(led.values_list("fingerprint", flat=True)))[:8]:
        plant_statement_hours(datetime.now(UTC), key)


@contextmanager
def busy() -> Iterator[None]:
    """Somebody who forgot a transaction, somebody who waits for it, and a long search."""
    found = connections["default"].get_connection_params()
    plain = {key: found[key] for key in ("host", "port", "dbname", "user", "password") if key in found}
    update = f"UPDATE users SET name = name WHERE email = '{EMAIL}'"
    with ExitStack() as stack:
        sessions = [stack.enter_context(psycopg.connect(**plain, application_name=name))
                    for name in ("psql", "foodshare serve", "report")]
        pool = stack.enter_context(ThreadPoolExecutor(2))
        sessions[0].execute(update)
        pool.submit(sessions[1].execute, update)
        pool.submit(sessions[2].execute, "SELECT a.id, count(*) FROM messages a, messages b, messages c, messages d "
                                         "WHERE a.content < b.content AND c.content > d.content GROUP BY a.id")
        time.sleep(4)
        yield
        for session in sessions:
            session.cancel_safe()


@contextmanager
def needless_index() -> Iterator[None]:
    """Something for the doctor to find."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE INDEX exchanges_food_status_idx ON exchanges (food_id, status); "
                       "CREATE INDEX exchanges_food_status_idx1 ON exchanges (food_id, status)")
        yield
        cursor.execute("DROP INDEX exchanges_food_status_idx, exchanges_food_status_idx1")


def take(browser: Browser, base: str, directory: Path) -> None:
    pages = f"{base}/admin/monitoring/"

    def keep(tab: str, width: str, theme: str) -> None:
        browser.keep(directory / f"monitoring-{tab}-{width}-{theme}.png", 1300)

    def show(tab: str, width: str, theme: str) -> None:
        browser.resize(width)
        browser.wear(theme)
        browser.open(pages if tab == "overview" else f"{pages}{tab}?order=calls")

    for each in PLAIN:
        show(*each)
        keep(*each)
    with needless_index():
        show("doctor", "desk", "dark")
        browser.press(".monitoring form.ask button")
        keep("doctor", "desk", "dark")
    with busy():
        show("running", "desk", "light")
        keep("running", "desk", "light")


def main(base: str, directory: Path) -> None:
    User.objects.filter(email=EMAIL).delete()
    person = User.objects.create_superuser(EMAIL, PASSWORD, name="Ada")
    ask(base)
    time.sleep(12)  # until the endpoints are written
    browser = Browser(Path(tempfile.mkdtemp()))
    try:
        browser.resize("desk")
        browser.log_in(base, EMAIL, PASSWORD)
        time.sleep(max(0, 5 - time.time() % 60))  # after the worker's sample of this minute, which the past replaces
        plant()
        plant()  # again, as the sizes were those before it
        take(browser, base, directory)
    finally:
        browser.driver.quit()
        person.is_active = False
        person.save(update_fields=["is_active"])


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
