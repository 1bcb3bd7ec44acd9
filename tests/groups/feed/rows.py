"""Friends, and what people told in past weeks; document B's query to compare the feed with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from foodshare.models import Relationship, User
from tests.databases import rows, run

# As document B writes it, with an id tiebreak and less people blocked either way, and of all rows.
REFERENCE = """
    WITH user_following AS (
        SELECT to_user_id FROM relationships
        WHERE from_user_id = %s AND type = 'FRIEND' AND status = 'ACCEPTED'
    )
    SELECT su.*, u.name, u.image
    FROM status_updates su
    JOIN users u ON su.author_id = u.id
    WHERE (su.author_id IN (SELECT to_user_id FROM user_following)
       OR su.author_id = %s)
       AND NOT EXISTS (SELECT FROM relationships b WHERE b.type = 'BLOCK' AND
                       ((b.from_user_id, b.to_user_id) = (su.author_id, %s)
                        OR (b.from_user_id, b.to_user_id) = (%s, su.author_id)))
    ORDER BY su.created_at DESC, su.id DESC
"""
TELL = """
    INSERT INTO status_updates (id, created_at, author_id, content)
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008'
            || substr(md5(author || at), 1, 15))::uuid, at, author::uuid, 'At ' || at
    FROM unnest(%s::text[]) WITH ORDINALITY authors (author, place), generate_series(0, %s) number,
         LATERAL (SELECT %s::timestamp - (number + place * %s) * %s * interval '1 second' AS at) moment
    ORDER BY at
"""


def make_weeks(number: int) -> None:
    """Partitions for so many past weeks."""
    run("SELECT create_weekly_partition((now() AT TIME ZONE 'UTC')::date - 7 * week) FROM generate_series(1, %s) week",
        number)


def tell(authors: Sequence[User], number: int, until: datetime, every: float, in_turn: bool = False) -> None:
    """`number` status updates of each author, `every` so many seconds, all until then: at the same times or in turn."""
    share = 1 / len(authors) if in_turn and authors else 0
    run(TELL, [str(author.pk) for author in authors], number - 1, until.replace(tzinfo=None), share, every)


def make_people(number: int) -> list[User]:
    return User.objects.bulk_create(User(name=f"Person {each}") for each in range(number))


def befriend(reader: User, others: Sequence[User]) -> None:
    Relationship.objects.bulk_create(
        Relationship(from_user=one, to_user=other, type="FRIEND", status="ACCEPTED")
        for person in others for one, other in ((reader, person), (person, reader)))


def block(one: User, other: User) -> None:
    Relationship.objects.create(from_user=one, to_user=other, type="BLOCK", status="ACCEPTED")


def reference(reader: User) -> list[dict[str, Any]]:
    """The whole feed by document B's query."""
    names = ("id", "created_at", "author_id", "group_id", "content", "name", "image")
    return [dict(zip(names, row, strict=True)) for row in rows(REFERENCE, *[reader.pk] * 4)]
