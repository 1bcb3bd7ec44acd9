"""Backups that nobody can read who has not the key."""

from dataclasses import replace
from pathlib import Path

import pytest
from pyrage import x25519

from ops.backups.errors import Damaged, NotConfigured
from ops.backups.files import Keys, digest, pack, unpack
from ops.backups.restore import restore
from ops.backups.take import take
from ops.servers.state import free_ports
from tests.ops.backups.tools import Place, started
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
    with pytest.raises(Damaged, match="cannot be decrypted"):
        unpack(packed, tmp_path / "unpacked", replace(keys, identity=tmp_path / "other"))
    with pytest.raises(NotConfigured, match="'rye' is no recipient"):
        pack(tmp_path / "plain", tmp_path / "again", Keys(recipients=tmp_path / "plain"))
    with pytest.raises(NotConfigured, match="cannot be read"):
        pack(tmp_path / "plain", tmp_path / "again", Keys(recipients=tmp_path / "nowhere"))


@pytest.mark.slow
def test_encrypted_backups_and_log_are_restored_with_the_key_alone(place: Place, keys: Keys, workroom: Path) -> None:
    sealed = place.with_store(place.store.directory, keys=replace(keys, identity=None))
    with sealed.archiving() as receiver:
        for number in range(2):
            place.run("INSERT INTO loaves VALUES (%s, 'rye from the Bäckerei')", number)
            take(sealed.source, sealed.store)
        place.run("INSERT INTO loaves VALUES (2, 'rye from the Bäckerei')")
        place.switch_segment()
        sealed.archived(receiver)
    plain = [path for path in place.store.directory.rglob("*")
             if path.is_file() and path.suffix not in (".age", ".history")]  # the second tells of timelines only
    assert {path.name for path in plain if path.parent.name != "incoming"} <= {
        "backup_manifest", "backup.json", "taking.lock", "reading.lock", ".lock"}
    with pytest.raises(NotConfigured, match="BACKUP_IDENTITY"):
        restore(sealed.store, workroom / "data")
    restored = restore(replace(place.store, keys=replace(keys, recipients=None)), workroom / "data")
    assert restored.fault == ""
    [port] = free_ports(1)
    with started(restored, place, port) as url:
        assert execute(url, "SELECT count(*) FROM loaves") == [(3,)]
