"""A category is opened by making its partitions first; only then it takes posts."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from foodshare.exceptions import Conflict, Missing
from groups.models import ForumCategory
from groups.partitions import MOST_CATEGORIES
from groups.services import forum
from groups.tasks import open_waiting_forum_categories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CATEGORIES = ForumCategory.objects.using("owner")


def add(*slugs: str) -> None:
    for slug in slugs:
        forum.add_category(slug, name=slug.title())


def partitions(slug: str) -> list[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT relid::regclass::text FROM pg_partition_tree(to_regclass(%s)) WHERE isleaf ORDER BY 1",
                       [f"forum_posts_{slug}"])
        return [name for (name,) in cursor.fetchall()]


def test_opening_makes_four_months() -> None:
    add("baking")
    assert forum.open_category("baking").is_open
    names = partitions("baking")
    assert len(names) == 4
    assert names[0] == f"forum_posts_baking_y{CATEGORIES.get(slug='baking').opened_at:%Ym%m}"


def test_opening_again_is_harmless() -> None:
    add("baking")
    first = forum.open_category("baking").opened_at
    assert forum.open_category("baking").opened_at == first


def test_an_unknown_one_is_missing() -> None:
    with pytest.raises(Missing, match="'baking'"):
        forum.open_category("baking")


def test_there_are_at_most_twelve() -> None:
    slugs = [f"subject{number}" for number in range(MOST_CATEGORIES + 1)]
    CATEGORIES.bulk_create(ForumCategory(slug=slug, name=slug) for slug in slugs)
    CATEGORIES.filter(slug__in=slugs[2:]).update(opened_at="2026-01-01T00:00Z")
    assert forum.open_waiting_categories() == ["subject0"]
    with pytest.raises(Conflict, match="12 forum categories are open"):
        forum.open_category("subject1")
    assert partitions("subject1") == []
    assert not CATEGORIES.get(slug="subject1").is_open
    assert open_waiting_forum_categories(0) == []


def test_the_job_opens_those_that_wait() -> None:
    add("baking", "tools")
    assert forum.open_waiting_categories() == ["baking", "tools"]
    assert CATEGORIES.filter(opened_at__isnull=True).count() == 0


def test_one_that_cannot_be_opened_keeps_no_other_closed(caplog: pytest.LogCaptureFixture) -> None:
    CATEGORIES.create(slug="pkey", name="Named like an index")
    add("baking", "turkey")
    assert forum.open_waiting_categories() == ["baking", "turkey"]
    assert "forum category pkey stays closed" in caplog.text
    with pytest.raises(CommandError, match="forum_posts_pkey"):
        run("pkey")


def run(*args: str) -> str:
    said = StringIO()
    call_command("open_forum_category", *args, stdout=said)
    return said.getvalue()


def test_the_command_adds_and_opens() -> None:
    assert run("baking", "--name", "Baking", "--description", "Bread and cake").startswith("baking is open since ")
    category = CATEGORIES.get(slug="baking")
    assert (category.name, category.description, category.is_open) == ("Baking", "Bread and cake", True)
    assert run("baking", "--name", "Baking") == run("baking")


@pytest.mark.parametrize(("args", "code", "said"), [
    (["baking"], 1, "no forum category 'baking'"), (["Baking!", "--name", "x"], 2, "slug: Lower-case letters"),
    (["baking", "--name", "x" * 101], 2, "name: "),
    *((["--name", "x", slug], 2, "slug: Lower-case letters") for slug in (
        "pkey", "recipes_pkey", "tree_idx", "author_id_idx1", "recipes_y2027m05")),
])
def test_the_command_says_what_is_wrong(args: list[str], code: int, said: str) -> None:
    with pytest.raises(CommandError, match=said) as raised:
        run(*args)
    assert raised.value.returncode == code
    assert not CATEGORIES.exists()
