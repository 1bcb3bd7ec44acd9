"""One fingerprint for a statement, whoever tells it."""

import pytest

from ops.monitoring.fingerprint import fingerprint, normal

# Each line: Django's text, the text with values, and pg_stat_statements' (18, then 15).
SAME = [
    ('SELECT "users"."id" FROM "users" WHERE "users"."id" = %s LIMIT 21',
     """SELECT "users"."id" FROM "users" WHERE "users"."id" = '00000000-0000-7000-8000-000000000000'::uuid LIMIT 21""",
     'SELECT "users"."id" FROM "users" WHERE "users"."id" = $1::uuid LIMIT $2'),
    ('UPDATE "t" SET "n" = ("t"."n" + %s), "on" = %s, "at" = %s WHERE "id" IN (%s, %s, %s)',
     """UPDATE "t" SET "n" = ("t"."n" +  -5), "on" = true, "at" = NULL WHERE "id" IN (1, 2)""",
     'UPDATE "t" SET "n" = ("t"."n" +  $1), "on" = $2, "at" = $3 WHERE "id" IN ($4 /*, ... */)',
     'UPDATE "t" SET "n" = ("t"."n" +  $1), "on" = $2, "at" = $3 WHERE "id" IN ($4, $5, $6, $7)'),
    ("SELECT x FROM t WHERE a = ANY(%(ids)s::uuid[]) -- of these\n  AND b > %(at)s AND c IS NOT NULL",
     "SELECT x FROM t WHERE a = ANY('{a,b}'::uuid[]::uuid[]) AND b > '2026-01-01'::timestamp AND c IS NOT NULL",
     "SELECT x FROM t WHERE a = ANY($1::uuid[]::uuid[]) -- of these\n  AND b > $2::timestamp AND c IS NOT NULL"),
    ("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)", "INSERT INTO t (a, b) VALUES (1, 'it''s')",
     "INSERT INTO t (a, b) VALUES ($1, $2)"),
    ("SELECT a %% 2, 'x%%' FROM t WHERE d < %s", "SELECT a % 2, 'x%' FROM t WHERE d < 1.5e-3",
     "SELECT a % $1, $2 FROM t WHERE d < $3"),
    ('SAVEPOINT "s140_x1"', 'SAVEPOINT "s141_x9"', "SAVEPOINT $1"),
    ("SELECT E'a\\'b', $tag$ 'x' $tag$, x'1f'", "SELECT 'c', 'd', 'e'", "SELECT $1, $2, $3"),
]
DIFFERENT = [
    ('SELECT "a" FROM t', 'SELECT "b" FROM t'),
    ("SELECT a FROM t WHERE b = %s", "SELECT a FROM t WHERE b > %s"),
    ("SELECT a1 FROM t", "SELECT a2 FROM t"),
    ("SELECT a FROM t ORDER BY b", "SELECT a FROM t ORDER BY b DESC"),
    ("SELECT a - %s FROM t", "SELECT a + %s FROM t"),
]


@pytest.mark.parametrize("texts", SAME)
def test_values_make_no_difference(texts: tuple[str, ...]) -> None:
    assert {normal(text) for text in texts} == {normal(texts[0])}


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_statements_are_others(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_no_value_is_left() -> None:
    text = normal("""SELECT 'Anna''s', E'\\'Berta', 4711, $$Clara$$ FROM "Dora" -- Emil 0815""")
    assert text == 'SELECT ? FROM "Dora"'


def test_no_value_is_left_of_a_text_cut_anywhere() -> None:
    """The server shows the first bytes of a long statement only."""
    whole = """SELECT 'zzz''zzz', E'zzz\\'zzz', $$zzz$$, $t$ zzz $t$, 777, 'zzz'::uuid FROM "Dora" -- zzz
               /* zzz */ WHERE 'zzz'"""
    for end in range(len(whole)):
        assert not set("z7") & set(normal(whole[:end]))


def test_it_is_sixteen_digits() -> None:
    assert len(fingerprint("SELECT 1")) == 16
    assert int(fingerprint("SELECT 1"), 16)
