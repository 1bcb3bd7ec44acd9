"""Partitions past their time are kept, detached or archived, as the settings say."""

import csv
import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import Settings

from foodshare.db.locks import session_lock_timeout
from groups.partitions import MESSAGES, STATUS_UPDATES, make_partition
from ops.partitions import archive
from ops.partitions.errors import PartitionError
from tests.databases import connect_parameters, rows, run, value
from tests.ops.partitions.tools import exists, made_at, make_person, names, open_category, shifted, upkeep, write_status

NOTHING: tuple[list[str], list[str], list[str]] = ([], [], [])
OLD = -3  # weeks


def old(count: int = OLD) -> str:
    return STATUS_UPDATES.period.name_of("status_updates", shifted(STATUS_UPDATES, count))


@pytest.fixture
def history(scratch: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """Three weeks of status updates before the present one, with rows in the oldest."""
    for count in range(OLD, 0):
        make_partition(scratch, STATUS_UPDATES, shifted(STATUS_UPDATES, count))
    write_status(make_person(), shifted(STATUS_UPDATES, OLD), count=3, content='two "loaves",\nand a half')
    return scratch


@pytest.fixture
def keep_two(settings: Settings, tmp_path: Path) -> Settings:
    """Two weeks of status updates are kept."""
    settings.PARTITION_KEEP = settings.PARTITION_KEEP | {"status_updates": 2}
    settings.PARTITION_ARCHIVE_DIR = tmp_path / "archive"
    return settings


@pytest.fixture
def archiving(keep_two: Settings) -> Path:
    """Older ones are archived, in the folder returned."""
    keep_two.PARTITIONS_PAST = "archive"
    folder: Path = keep_two.PARTITION_ARCHIVE_DIR
    return folder


def test_everything_is_kept_unless_a_setting_says_otherwise(history: BaseDatabaseWrapper) -> None:
    assert upkeep() == NOTHING
    assert old() in names("status_updates")


def test_one_past_its_time_is_detached_and_stays(history: BaseDatabaseWrapper, keep_two: Settings) -> None:
    assert upkeep() == ([f"- {old()}: detach from status_updates"], [], [])
    assert names("status_updates")[0] == old(-2)
    assert value(f"SELECT count(*) FROM {old()}") == 3
    assert upkeep() == NOTHING


def test_of_a_category_too(scratch: BaseDatabaseWrapper, settings: Settings) -> None:
    settings.PARTITION_KEEP = settings.PARTITION_KEEP | {"forum_posts": 1}
    open_category(at=shifted(MESSAGES, -2))
    _, failures, findings = upkeep()
    assert (failures, findings) == ([], [])
    assert names("forum_posts_recipes")[0] == MESSAGES.period.name_of("forum_posts_recipes", shifted(MESSAGES, -1))


def test_one_past_its_time_is_archived_and_dropped(history: BaseDatabaseWrapper, archiving: Path) -> None:
    file = archiving / f"{old()}.csv.gz"
    before = rows(f"SELECT id::text, content FROM {old()} ORDER BY created_at, id")
    assert upkeep() == ([f"- {old()}: detach from status_updates", f"- {old()}: archive to {file}, then drop"], [], [])
    assert not exists(old())
    assert [entry.name for entry in archiving.iterdir()] == [file.name]
    assert (file.stat().st_mode & 0o777, archiving.stat().st_mode & 0o777) == (0o600, 0o700)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        assert [(row["id"], row["content"]) for row in csv.DictReader(text)] == before
    assert upkeep() == NOTHING


def test_an_archive_brings_the_rows_back(history: BaseDatabaseWrapper, archiving: Path) -> None:
    fingerprint = "SELECT md5(string_agg(s::text, ';' ORDER BY id)) FROM status_updates s"
    before = value(fingerprint)
    upkeep()
    make_partition(history, STATUS_UPDATES, shifted(STATUS_UPDATES, OLD))
    with gzip.open(archiving / f"{old()}.csv.gz") as text, history.cursor() as cursor, \
            cursor.copy("COPY status_updates FROM STDIN (FORMAT csv, HEADER)") as target:
        target.write(text.read())
    assert value(fingerprint) == before


@pytest.mark.slow
def test_an_interrupted_archive_is_repeated(history: BaseDatabaseWrapper, archiving: Path) -> None:
    run(f"ALTER TABLE status_updates DETACH PARTITION {old()}")
    archiving.mkdir()
    file = archiving / f"{old()}.csv.gz"
    (archiving / f"{file.name}.part").write_bytes(b"half of it")
    archive.write(history, old(), file)  # and then it ended, before the table was dropped
    assert upkeep() == ([f"- {old()}: archive to {file}, then drop"], [], [])
    assert not exists(old())
    assert [entry.name for entry in archiving.iterdir()] == [file.name]


def test_a_file_with_other_rows_is_not_overwritten(history: BaseDatabaseWrapper, archiving: Path) -> None:
    archiving.mkdir()
    file = archiving / f"{old()}.csv.gz"
    with gzip.open(file, "wt") as target:
        target.write("id\n1\n")
    _, [failure], _ = upkeep()
    assert f"{file} is there and holds other rows: move it away" in failure
    assert value(f"SELECT count(*) FROM {old()}") == 3
    with gzip.open(file, "rt") as text:
        assert text.read() == "id\n1\n"
    file.unlink()
    assert upkeep()[1:] == ([], [])
    assert not exists(old())


def test_a_folder_that_cannot_be_written_is_told_and_keeps_the_rows(history: BaseDatabaseWrapper, archiving: Path
                                                                    ) -> None:
    archiving.write_text("a file")
    _, [failure], _ = upkeep()
    assert "a step failed" in failure
    assert str(archiving) in failure
    assert value(f"SELECT count(*) FROM {old()}") == 3


def test_a_table_that_grew_is_not_dropped(history: BaseDatabaseWrapper, archiving: Path) -> None:
    run(f"ALTER TABLE status_updates DETACH PARTITION {old()}")
    rows_written = archive.write(history, old(), archiving / f"{old()}.csv.gz")
    run(f"INSERT INTO {old()} SELECT gen_random_uuid(), created_at, author_id, group_id, content FROM {old()} LIMIT 1")
    with pytest.raises(PartitionError, match="has 4 rows, but 3 were archived"):
        archive.drop(history, old(), rows_written)
    assert exists(old())


def test_a_partition_in_use_is_not_archived(history: BaseDatabaseWrapper, archiving: Path) -> None:
    with pytest.raises(PartitionError, match="is not detached"):
        archive.write(history, old(), archiving / "x.csv.gz")


def leave_pending(owner: BaseDatabaseWrapper, partition: str) -> None:
    """Detach a partition of status_updates, interrupted while it waits for an older transaction."""
    with psycopg.connect(**connect_parameters()) as reader:
        reader.execute("SELECT FROM status_updates")
        with pytest.raises(Exception, match="lock timeout"), session_lock_timeout(owner, "100ms"):
            run(f"ALTER TABLE status_updates DETACH PARTITION {partition} CONCURRENTLY")


@pytest.mark.slow
def test_an_unfinished_detach_is_finished_first(history: BaseDatabaseWrapper, keep_two: Settings) -> None:
    make_partition(history, STATUS_UPDATES, shifted(STATUS_UPDATES, OLD - 1))
    leave_pending(history, old())
    steps, failures, findings = upkeep(made_at() + timedelta(weeks=1))
    assert (failures, findings) == ([], [])
    assert [step for step in steps if step.startswith("-")] == [
        f"- {name}: detach from status_updates" for name in (old(), old(OLD - 1), old(-2))]
    assert names("status_updates")[0] == old(-1)


def test_an_unfinished_detach_of_what_is_kept_is_finished_and_told(history: BaseDatabaseWrapper) -> None:
    leave_pending(history, old())
    steps, failures, [finding] = upkeep()
    assert (steps, failures) == ([f"- {old()}: detach from status_updates"], [])
    assert finding.startswith(f"{old()}: has the name of a partition of status_updates, but is none, and holds rows")


@pytest.mark.slow
def test_detaching_waits_for_readers_and_holds_up_no_writer(history: BaseDatabaseWrapper, keep_two: Settings) -> None:
    """It gives up waiting for a reader again and again; meanwhile others write, with a lock timeout of their own."""
    attempts: list[str] = []
    person = value("SELECT author_id FROM status_updates LIMIT 1")

    def between(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if "DETACH PARTITION" in sql:
            attempts.append(sql.rpartition(" ")[2])
            if len(attempts) == 3:
                reader.rollback()
        return execute(sql, *arguments)

    with psycopg.connect(**connect_parameters()) as reader, \
            psycopg.connect(**connect_parameters(), autocommit=True) as writer:
        reader.execute("SELECT FROM status_updates")
        writer.execute("SET lock_timeout = '1s'")
        with connections["owner"].execute_wrapper(between):
            _, failures, findings = upkeep()
        writer.execute("INSERT INTO status_updates (id, author_id, content) VALUES (gen_random_uuid(), %s, 'x')",
                       [person])
    assert (failures, findings) == ([], [])
    assert attempts == ["CONCURRENTLY", "FINALIZE", "FINALIZE"]
