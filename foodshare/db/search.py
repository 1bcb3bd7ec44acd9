r"""Search by words of a name, served by an index over `to_tsvector('simple', regexp_replace(name, '\W+', ' ', 'g'))`.

By words, so that “fridge” finds “Brixton Community Fridge”. 'simple' neither stems nor drops the words of any
language. Punctuation parts words, as the parser would take “foodsharing.de” whole, for a host's name.
"""

import re
from typing import Any, TypeVar

from django.db.models import BooleanField, Func, Model, QuerySet, Value

WORD = re.compile(r"\w+")
M = TypeVar("M", bound=Model)


class HasWords(Func):
    """Whether a column's words match a tsquery: `filter(HasWords("name", Value("brix:*")))`."""

    arity = 2
    template = "to_tsvector('simple', regexp_replace(%(expressions)s)"
    arg_joiner = r", '\W+', ' ', 'g')) @@ to_tsquery('simple', "
    output_field: Any = BooleanField()


def with_words(rows: QuerySet[M], column: str, text: str) -> QuerySet[M]:
    """The rows in whose `column` each word of `text` begins some word, in any case and order; none without a word."""
    beginnings = " & ".join(f"{word}:*" for word in WORD.findall(text))
    return rows.filter(HasWords(column, Value(beginnings))) if beginnings else rows.none()
