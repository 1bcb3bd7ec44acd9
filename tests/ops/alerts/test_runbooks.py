"""Every rule has its runbook, and what a runbook tells one to run is there."""

import re

import pytest
from django.core.management import get_commands
from django.db import connections

from tests.ops.alerts.written import ALERTS, RUNBOOKS

TEXTS = {path.stem: path.read_text() for path in sorted(RUNBOOKS.glob("*.md")) if path.stem != "README"}


def test_each_rule_has_one_and_there_are_no_others() -> None:
    assert set(TEXTS) == set(ALERTS)


@pytest.mark.parametrize("name", TEXTS)
def test_it_says_what_it_is_about_where_to_look_and_what_to_do(name: str) -> None:
    text = TEXTS[name]
    assert " ".join(ALERTS[name]["expr"].split()) in " ".join(text.split())
    assert f"**{ALERTS[name]['labels']['severity']}**" in text
    assert re.findall(r"^## (.+)$", text, re.M) == ["What it means", "Look", "Do", "Not an emergency when"]


def test_its_commands_exist() -> None:
    named = {command for text in TEXTS.values() for command in re.findall(r"manage\.py (\w+)", text)}
    assert named <= set(get_commands())
    assert len(named) > 10


def test_its_links_lead_somewhere() -> None:
    links = {link for text in TEXTS.values() for link in re.findall(r"\]\(([^)]+)\)", text)}
    assert links <= {f"{name}.md" for name in TEXTS}


@pytest.mark.django_db(databases=["owner"])
def test_its_statements_run() -> None:
    statements = {block for text in TEXTS.values() for block in re.findall(r"```sql\n(.*?)```", text, re.S)}
    assert len(statements) > 20
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_stat_statements') IS NULL")  # in a test database of one's own server
        (without_statistics,) = cursor.fetchone()
        for statement in statements:
            if not (without_statistics and "pg_stat_statements" in statement):
                cursor.execute(statement)
                cursor.fetchall()
