"""What two runs of one statement have in common: its text without its values, and a short hash of that.

It is the same for Django's text with %s, for the text that the server got, into which Django binds values itself, and
for pg_stat_statements, which replaces constants by $1, and lists of them, from PostgreSQL 18 on, by one.
"""

import re
from functools import lru_cache
from hashlib import blake2b

# In this order: comments, names in quotes, text, numbers of parameters, placeholders, words that are values, numbers.
# The server shows only the beginning of a long statement, which may be cut anywhere: there each ends with the text.
TOKEN = re.compile(r"""
    (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<name> "(?:[^"]|"")*(?:"|\Z) )
  | (?P<value> [eE]'(?:[^'\\]|\\.|'')*(?:'|\\?\Z) | (?:\b[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z)
      | \$(?P<tag>(?!\d)\w*)\$.*?(?:\$(?P=tag)\$|\Z) | \$\d+
      | %\(\w+\)s | %s | \b(?:null|true|false)\b | (?<![\w.])(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\b )
  | (?P<percent> %% )
""", re.X | re.S | re.I)
CAST = re.compile(r"\?(?:\s*::\s*(?:double precision|character varying|time(?:stamp)?(?:\(\?\))? with(?:out)? time zone"
                  r"|[\w.]+|\"[^\"]*\")(?:\(\?(?:,\?)*\))?(?:\[\])*)+", re.I)
MINUS = re.compile(r"(?P<before>[(,=<>+\-*/|\[]\s*|\b(?:and|between|by|else|in|like|limit|offset|or|returning|select"
                   r"|set|then|when)\s+)-\s*\?", re.I)
SPACE = re.compile(r"\s+")
PUNCTUATION = re.compile(r" ?([^\w\s\"?$]) ?")
VALUES = re.compile(r"\?(?:,\?)+")
ROWS = re.compile(r"(\([^()]*\))(?:,\1)+")
SAVEPOINT = re.compile(r"(SAVEPOINT) \S+")
CURSOR = re.compile(r"^DECLARE \S+ .*? FOR (?=SELECT|WITH)", re.I)


def replaced(match: re.Match[str]) -> str:
    """What stands for a token."""
    match match.lastgroup:
        case "comment":
            return " "
        case "name":
            return match[0]
        case "percent":
            return "%"
        case _:
            return "?"


@lru_cache(maxsize=2048)
def normal(statement: str) -> str:
    """The statement without its values and comments, on one line."""
    text = TOKEN.sub(replaced, statement)
    text = SPACE.sub(" ", text).strip(" ;")
    text = CAST.sub("?", CURSOR.sub("", text))
    text = MINUS.sub(r"\g<before>?", text)
    text = PUNCTUATION.sub(r"\1", text)
    text = ROWS.sub(r"\1", VALUES.sub("?", text))
    return SAVEPOINT.sub(r"\1 ?", text)


@lru_cache(maxsize=2048)
def fingerprint(statement: str) -> str:
    """16 hexadecimal digits."""
    return blake2b(normal(statement).encode(), digest_size=8).hexdigest()
