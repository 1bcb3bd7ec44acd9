"""A superuser's way to one member of the cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ops.cluster.topology import Node
from ops.servers.errors import Unreachable


@contextmanager
def connect(node: Node, password: str, database: str = "postgres") -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """In autocommit. Raises Unreachable."""
    port = node.ports["postgres"]
    security = f"sslmode=verify-ca sslrootcert={node.tls.authority}" if node.tls else "sslmode=disable"
    try:
        connection: psycopg.Connection[dict[str, Any]] = psycopg.connect(
            security, host=node.address, port=port, user="postgres", password=password, dbname=database,
            autocommit=True, connect_timeout=10, gssencmode="disable", row_factory=dict_row)
    except psycopg.OperationalError as error:
        raise Unreachable(node.name, port, error) from error
    with connection:
        yield connection
