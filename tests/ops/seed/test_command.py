"""What `manage.py seed_data` takes and says."""

import pytest
from django.core.management import CommandError, call_command

from foodshare.models import FoodPost, User
from groups.models import GroupActivitySummary

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_it_says_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_data", scale="demo", at="2026-05-01")
    assert "demo data with seed 1, as of 2026-05-01 00:00:00 UTC: made." in capsys.readouterr().out
    call_command("seed_data", scale="demo")
    assert "as of 2026-05-01 00:00:00 UTC: here already." in capsys.readouterr().out


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(("option", "value", "said"), [
    ("at", "tomorrow", "not a date such as"), ("at", "9999-12-31", "future"), ("at", "0001-01-01", "after 1999"),
    ("at", "9999-12-31T23:00-05:00", "out of range"), ("seed", -1, "must not be negative")])
def test_nonsense_is_refused_in_words(option: str, value: object, said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        call_command("seed_data", scale="demo", **{option: value})
    assert refused.value.returncode == 2
    assert not User.objects.exists()


def test_nobody_can_log_in_unless_a_password_is_given() -> None:
    call_command("seed_data", scale="demo", at="2026-05-01")
    assert not any(user.has_usable_password() for user in User.objects.all())
    call_command("seed_data", scale="demo", password="let me in please")
    assert User.objects.get(email="person7@demo1.example").check_password("let me in please")


def test_todays_data_have_food_to_find() -> None:
    call_command("seed_data", scale="demo")
    author = FoodPost.objects.open_now().filter(sharing_mode="community").values("author")[:1]
    assert FoodPost.objects.visible_to(User.objects.get(pk__in=author)).open_now().exists()
    assert FoodPost.objects.open_now().count() > 10
    assert GroupActivitySummary.objects.filter(food_posts_30d__gt=0).exists()
