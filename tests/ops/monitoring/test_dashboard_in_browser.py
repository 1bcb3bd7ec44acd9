"""The pages of monitoring as a person sees them: in a browser, light and dark, at a desk and on a phone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from ops.models import Alert, StatementEndpoint
from ops.monitoring import history
from ops.monitoring.dashboard.views import TABS
from ops.monitoring.snapshot import current
from tests.factories import PASSWORD, make_user
from tests.ops.monitoring.browser import Browser, browser
from tests.ops.monitoring.planted import plant_history, plant_statement_hours

__all__ = ["browser"]

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner", *settings.REPLICA_ALIASES]),
              pytest.mark.slow]
LOOKS = [(width, theme) for width in ("desk", "phone") for theme in ("light", "dark")]


@pytest.fixture
def site(live_server: LiveServer, browser: Browser) -> str:
    """The address of the pages, with a past, and somebody logged in who may do all."""
    sizes = {key: value for key, value in history.figures_of(current()).items() if "_size_bytes" in key}
    plant_history(datetime.now(UTC), sizes, days=8)
    plant_statements()
    Alert.objects.create(rule="StandbyLate", subject="standby1", severity="warning", fired_at=datetime.now(UTC),
                         summary="The standby standby1 is 7 s late.")
    admin = make_user(email="admin@example.org", name="Ada", is_staff=True, is_superuser=True)
    browser.driver.delete_all_cookies()
    browser.resize("desk")
    browser.log_in(live_server.url, str(admin.email), PASSWORD)
    assert browser.find("#main")
    browser.errors()
    return f"{live_server.url}/admin/monitoring"


def plant_statements() -> None:
    """A week of those that lead: monitoring's own, as nothing else ran here."""
    for key, work in list(history.totals().items())[:6]:
        plant_statement_hours(datetime.now(UTC), key)
        StatementEndpoint.objects.create(fingerprint=key, endpoint="command test", statement=key, calls=work.calls)


@pytest.mark.parametrize(("width", "theme"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_every_tab_is_whole(browser: Browser, site: str, width: str, theme: str) -> None:
    browser.resize(width)
    browser.wear(theme)
    browser.hosts()
    browser.open(f"{site}/")
    for tab, (words, *_) in TABS.items():
        if tab != "overview":
            browser.press(f".monitoring .tabs a[href$='/{tab}']")
        assert browser.find(".monitoring .tabs [aria-current]").text.endswith(words)
        assert ("dark" in str(browser.find("html").get_attribute("class"))) == (theme == "dark")
        assert browser.all(".monitoring .figure, .monitoring td, .monitoring button, .monitoring .note")
        assert browser.overflow() <= 0, tab
        assert browser.errors() == [], tab
    assert browser.hosts() == {site.split("/")[2]}


def test_charts_have_axes_and_words_for_who_does_not_see_them(browser: Browser, site: str) -> None:
    browser.open(f"{site}/?over=7d")
    charts = browser.all("svg.plot")
    assert len(charts) == 12
    for chart in charts:
        assert chart.accessible_name
        assert chart.rect["width"] > 250
    assert browser.find("svg.plot .axis").text.strip()


def test_figures_refresh_by_themselves(browser: Browser, site: str) -> None:
    browser.open(f"{site}/")
    assert browser.find("[data-state]").get_attribute("data-state") == "live"
    browser.driver.execute_script("document.querySelector('[data-figure=size] .figure').textContent = 'old'")
    browser.driver.execute_script("document.querySelector('[data-at]').textContent = 'then'")
    browser.find("[data-state=live]")
    wait_until(browser, "[data-figure=size] .figure", "MB")
    assert browser.find("[data-at]").text != "then"


def test_page_says_that_it_is_no_longer_live(browser: Browser, site: str) -> None:
    browser.open(f"{site}/")
    Session.objects.all().delete()
    assert browser.find("[data-state=lost]").is_displayed()


def wait_until(browser: Browser, selector: str, words: str) -> None:
    """Until what the selector finds ends in these words."""
    browser.driver.set_script_timeout(15)
    browser.driver.execute_async_script("""
        const [selector, words, done] = arguments;
        const look = () => document.querySelector(selector).textContent.endsWith(words) ? done() : setTimeout(look, 50);
        look();
    """, selector, words)


def test_running_statement_is_cancelled(browser: Browser, site: str) -> None:
    parameters = connections["default"].get_connection_params()
    plain = {key: parameters[key] for key in ("host", "port", "dbname", "user", "password") if key in parameters}
    with psycopg.connect(**plain, autocommit=True) as session, ThreadPoolExecutor(1) as pool:
        running = pool.submit(session.execute, "SELECT pg_sleep(60) WHERE 'ada@example.org' <> 'x'")
        pid = session.info.backend_pid
        browser.wear("light")
        while not browser.all(f"a[href$='/running/{pid}/cancel']"):
            browser.open(f"{site}/running")
        assert "ada@example.org" not in browser.driver.page_source
        browser.press(f"a[href$='/running/{pid}/cancel']")
        assert not running.done()
        browser.press(".monitoring form button.danger")
        with pytest.raises(psycopg.errors.QueryCanceled):
            running.result(timeout=10)
    assert f"The statement of process {pid} was cancelled." in browser.find("body").text
    assert LogEntry.objects.get().object_id == f"{pid}"


def test_statement_is_explained_on_demand(browser: Browser, site: str) -> None:
    browser.open(f"{site}/queries?order=calls")
    browser.press(".monitoring td a")
    browser.press(".monitoring form.ask button")
    assert len(browser.all(".monitoring pre")) == 2 or browser.all(".monitoring p.note")
    assert fits(browser)
    assert browser.errors() == []


def fits(browser: Browser) -> bool:
    """Whether what is shown is no wider than a desk's screen, nor than a phone's."""
    found = []
    for kind in ("phone", "desk"):
        browser.resize(kind)
        found.append(browser.overflow() <= 0)
    return all(found)


@pytest.fixture
def needless_index() -> Iterator[str]:
    """An index that another one does all the work of."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE INDEX planted_twice ON exchanges (food_id, status); "
                       "CREATE INDEX planted_once ON exchanges (food_id, status)")
        yield "planted_once"
        cursor.execute("DROP INDEX planted_twice, planted_once")


def test_doctor_examines_on_demand(browser: Browser, site: str, needless_index: str) -> None:
    browser.wear("dark")
    browser.open(f"{site}/doctor")
    browser.press(".monitoring form.ask button")
    assert int(browser.find("[data-figure=checks] .figure").text) > 5
    assert needless_index in browser.find(".finding").text
    assert "DROP INDEX CONCURRENTLY" in browser.find(".finding pre").text
    assert fits(browser)
    assert browser.errors() == []
