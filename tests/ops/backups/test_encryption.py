"""Backups that nobody can read who has not the key."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519
from pytest_django import Settings

from ops.backups.archive import Archive
from ops.backups.errors import Damaged, DiskFull, NotConfigured
from ops.backups.files import NO_KEYS, Keys, digest, pack, unpack
from ops.backups.places import History
from ops.backups.restore import restore
from ops.backups.source import Identity, Source
from ops.backups.store import UNFINISHED, Store, room_in
from ops.backups.take import SHRINKS_TO, Taking, take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, manage_in_background, started, wait_for
from tests.servers.tools import execute


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    identity = x25519.Identity.generate()
    recipients, key = tmp_path / "recipients", tmp_path / "key"
    recipients.write_text(f"# the admin\n{identity.to_public()}\n")
    key.write_text(f"{identity}\n")
    return Keys(recipients, key)


def test_what_is_packed_is_unpacked(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"loaves of rye " * 1000)
    for each in (Keys(), keys):
        packed = pack(tmp_path / "plain", tmp_path / "packed", each)
        assert packed.stat().st_size < 1000
        assert packed.stat().st_mode & 0o777 == 0o600
        unpack(packed, tmp_path / "unpacked", each)
        assert digest(tmp_path / "unpacked") == digest(tmp_path / "plain")
    assert {path.name for path in tmp_path.iterdir()} == {"plain", "packed.gz", "packed.gz.age", "unpacked",
                                                          "recipients", "key"}


def test_a_wrong_or_missing_key_is_named(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("rye")
    packed = pack(tmp_path / "plain", tmp_path / "packed", keys)
    with pytest.raises(NotConfigured, match="BACKUP_IDENTITY is not set"):
        unpack(packed, tmp_path / "unpacked", replace(keys, identity=None))
    (tmp_path / "other").write_text(f"{x25519.Identity.generate()}\n")
    with pytest.raises(NotConfigured, match=f"{tmp_path / 'other'} holds no key for {packed}"):
        unpack(packed, tmp_path / "unpacked", replace(keys, identity=tmp_path / "other"))
    packed.write_bytes(packed.read_bytes()[:-1])
    with pytest.raises(Damaged, match="cannot be decrypted"):
        unpack(packed, tmp_path / "unpacked", keys)
    packed.unlink()
    with pytest.raises(NotConfigured, match="'rye' is no recipient"):
        pack(tmp_path / "plain", tmp_path / "again", Keys(recipients=tmp_path / "plain"))
    with pytest.raises(NotConfigured, match="cannot be read"):
        pack(tmp_path / "plain", tmp_path / "again", Keys(recipients=tmp_path / "nowhere"))


@pytest.fixture
def sealed(place: Place, keys: Keys) -> Iterator[Place]:
    found = place.with_store(place.store.directory, keys=replace(keys, identity=None))
    yield found
    shutil.rmtree(found.store.staging)


def in_the_clear(store: Store) -> set[str]:
    """The names of what is not encrypted in BACKUP_DIR; histories tell of timelines only."""
    return {path.name for path in store.directory.rglob("*")
            if path.is_file() and path.suffix not in (".age", ".history")}


@pytest.mark.slow
def test_encrypted_backups_and_log_are_restored_with_the_key_alone(sealed: Place, keys: Keys, workroom: Path) -> None:
    seen = set()
    with sealed.archiving() as receiver:
        for number in range(2):
            sealed.run("INSERT INTO loaves VALUES (%s, 'rye from the Bäckerei')", number)
            take(sealed.source, sealed.store, show=lambda step, percent: seen.update(in_the_clear(sealed.store)))
        sealed.switch_segment()
        sealed.archived(receiver)
        sealed.run("INSERT INTO loaves VALUES (2, 'rye from the Bäckerei')")
        sealed.archived(receiver)
        receiver.stored_at = 0.0  # it is time
        receiver.work()
    assert seen | in_the_clear(sealed.store) == {
        "backup_manifest", "backup.json", "taking.lock", "reading.lock", ".lock"}
    assert [path.name[:4] for path in sealed.store.staging.iterdir()] == ["wal-"]
    with pytest.raises(NotConfigured, match="BACKUP_IDENTITY"):
        restore(sealed.store, workroom / "data")
    shutil.rmtree(sealed.store.staging)  # with the machine
    restored = restore(replace(sealed.store, keys=replace(keys, recipients=None)), workroom / "data")
    assert restored.fault == ""
    with started(restored, sealed, *free_ports(1)) as url:
        assert execute(url, "SELECT count(*) FROM loaves") == [(3,)]
    sealed.store.staging.mkdir()


@pytest.mark.slow
def test_a_killed_backup_leaves_nothing_in_the_clear_and_the_next_clears_what_it_copied(
        sealed: Place, keys: Keys) -> None:
    sealed.run("INSERT INTO loaves SELECT n, repeat('rye ', 200) FROM generate_series(1, 50000) AS n")
    child = manage_in_background(sealed, "backup_database", BACKUP_RECIPIENTS=str(keys.recipients))
    wait_for(lambda: list(sealed.store.staging.glob(f"*{UNFINISHED}/base.tar.gz")))
    child.kill()
    child.wait()
    wait_for(lambda: not sealed.run("SELECT pid FROM pg_stat_progress_basebackup"))
    assert list(sealed.store.staging.glob(f"*{UNFINISHED}/base.tar.gz"))
    assert in_the_clear(sealed.store) == {"taking.lock"}
    backup, _ = take(sealed.source, sealed.store)
    assert [backup] == sealed.store.backups()
    assert not list(sealed.store.staging.iterdir())


def test_what_was_received_in_the_clear_is_taken_over(keys: Keys, tmp_path: Path) -> None:
    """Encryption begun and ended: the receiver goes on with the same files."""
    name = "000000010000000000000003.partial"
    plain = Archive(tmp_path / "wal", 2**24)
    sealed = replace(plain, keys=keys, staging=tmp_path / "own")
    plain.prepare()
    (plain.incoming / name).write_bytes(bytes(2**24))
    for archive in (sealed, replace(sealed, keys=NO_KEYS)):
        archive.prepare()
        archive.take_over()
        assert [*plain.incoming.iterdir(), *sealed.incoming.iterdir()] == [archive.incoming / name]


def test_the_unfinished_segment_is_stored_again_when_it_grew_and_goes_when_it_is_whole(
        keys: Keys, tmp_path: Path) -> None:
    name = "000000010000000000000003"
    archive = Archive(tmp_path / "wal", 2**24, keys, tmp_path / "own")
    archive.prepare()
    received, stored = archive.incoming / f"{name}.partial", archive.directory / f"{name}.partial.gz.age"
    digests = set()
    for content in (b"rye", b"rye", b"wheat"):
        if not received.exists() or received.read_bytes() != content:
            received.write_bytes(content)
        archive.store_unfinished()
        digests.add(digest(stored))
    assert len(digests) == 2
    received.rename(archive.incoming / name)
    archive.put_away()
    assert [path.name for path in archive.directory.iterdir()] == [f"{name}.gz.age"]


def test_a_copy_and_the_encrypted_one_need_room_at_once(keys: Keys, tmp_path: Path, settings: Settings) -> None:
    settings.FOODSHARE_DATA_DIR = tmp_path
    store = Store(tmp_path / "backups", keys)
    store.prepare()
    half = int(0.7 * room_in(tmp_path) / SHRINKS_TO)
    identity = Identity("7", 180_006, 2**24, True, History.parsed(1, ()))
    nowhere = Source("", "")
    Taking(nowhere, nowhere, replace(store, keys=NO_KEYS), identity, half, None).require_room()
    with pytest.raises(DiskFull, match=f"MB are free in {store.directory}, and this full backup needs about"):
        Taking(nowhere, nowhere, store, identity, half, None).require_room()
