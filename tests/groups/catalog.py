"""What the catalog says of the view, for tests."""

from typing import Any

from django.db import connections

from groups.summary import VIEW


def rows(sql: str, *parameters: Any) -> list[Any]:
    """What a query of the owner's gives."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def views() -> list[str]:
    return [name for (name,) in rows("SELECT matviewname FROM pg_matviews ORDER BY 1")]


def indexes() -> list[str]:
    """The definitions of the view's indexes."""
    return [line for (line,) in rows("SELECT indexdef FROM pg_indexes WHERE tablename = %s ORDER BY 1", VIEW)]


def owner_and_rights() -> list[Any]:
    return rows("SELECT relowner, (SELECT array_agg(granted ORDER BY granted::text) FROM unnest(relacl) granted) "
                "FROM pg_class WHERE relname = %s", VIEW)
