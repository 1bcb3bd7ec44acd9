"""Inventories for tests: written, changed, read."""

from pathlib import Path

from ops.cluster.inventory import Inventory, read

PLAIN = """
[cluster]
token = "trial"
clients = ["10.0.0.0/24"]
without_tls = true

[[hosts]]
name = "db1"
address = "10.0.0.11"
memory = "16GB"

[[hosts]]
name = "db2"
address = "10.0.0.12"
memory = "16GB"

[[hosts]]
name = "small"
address = "fd00::13"
memory = "2GB"
roles = ["etcd", "sentinel"]
"""
TLS = """
[tls]
certificate = "/etc/foodshare/host.pem"
key = "/etc/foodshare/host.key"
authority = "/etc/foodshare/ca.pem"
"""
WITH_TLS = PLAIN.replace("without_tls = true\n", "") + TLS


def read_text(text: str, folder: Path) -> Inventory:
    """The inventory that `text` is, read from a file, as `render` reads it."""
    path = folder / "inventory.toml"
    path.write_text(text)
    return read(path, make_passwords=True)
