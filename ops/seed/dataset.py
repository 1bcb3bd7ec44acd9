"""What a data set is: its scale, its seed and its date."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

HISTORY = timedelta(days=1096)  # person 1 came this long before the date: three years
ARRIVAL = 0.8  # bends when people came: 1 spreads them evenly, less puts more of them lately


class SeedError(Exception):
    """The data cannot be made here; the text says why and what to do."""


@dataclass(frozen=True)
class Scale:
    """How much there is. `recency` bends the posts' ages: 1 spreads them evenly, more puts more of them lately.

    People write to each other in the last `months`, tell news and use the forum in the last two years of those.
    """

    users: int
    posts: int
    groups: int
    cities: int
    messages: int
    statuses: int
    forum_posts: int
    months: int
    recency: float = 0.8


SCALES = {
    "demo": Scale(users=50, posts=200, groups=20, cities=2, messages=600, statuses=100, forum_posts=60, months=2,
                  recency=3.0),
    "small": Scale(users=10_000, posts=100_000, groups=200, cities=8, messages=100_000, statuses=20_000,
                   forum_posts=10_000, months=12),
    "medium": Scale(users=100_000, posts=1_000_000, groups=2_000, cities=24, messages=5_000_000, statuses=1_000_000,
                    forum_posts=300_000, months=36),
    "large": Scale(users=1_000_000, posts=10_000_000, groups=20_000, cities=24, messages=20_000_000,
                   statuses=4_000_000, forum_posts=1_000_000, months=36),
}


def history_of(scale: str, first: datetime, second: datetime) -> timedelta:
    """How long before the date of a set its person 1 came, by when its first two people did (people.sql)."""
    return timedelta(days=round((second - first) * SCALES[scale].users ** ARRIVAL / timedelta(days=1)))


@dataclass(frozen=True)
class DataSet:
    """One data set. `at` is its present, naive UTC: nothing happened later, only pickups and best-before dates are."""

    scale: str
    seed: int
    at: datetime
    history: timedelta = HISTORY

    @property
    def size(self) -> Scale:
        return SCALES[self.scale]

    @property
    def domain(self) -> str:
        """Of everybody's e-mail address; it names the data set."""
        return f"{self.scale}{self.seed}.example"

    def address(self, number: int | str) -> str:
        """The e-mail address of person `number`: person7@demo1.example."""
        return f"person{number}@{self.domain}"

    @property
    def salt(self) -> int:
        """What sets this data set's hashes apart from another's: 48 bits."""
        return int.from_bytes(hashlib.sha256(self.domain.encode()).digest()[:6])

    @property
    def tag(self) -> int:
        """What tells its rows in partitioned tables from others: 16 bits of their keys."""
        return self.salt & 0xFFFF
