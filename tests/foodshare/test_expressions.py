"""A literal stands in the statement's text, and only plain words may."""

import pytest

from foodshare.db.expressions import Literal
from foodshare.models import FoodPost, PostStatus


@pytest.mark.django_db
def test_a_literal_is_no_parameter() -> None:
    statement, parameters = FoodPost.objects.filter(status=Literal(PostStatus.AVAILABLE)).query.sql_with_params()
    assert statement.endswith("= 'available'")
    assert parameters == ()


@pytest.mark.parametrize("word", ["", "it's", "a b", "Upper", "a;b", "a\n", "é", "1"])
def test_anything_but_a_plain_word_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="not a plain word"):
        Literal(word)
