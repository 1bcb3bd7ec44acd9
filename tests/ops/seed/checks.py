"""Which rules do not hold."""

from tests.ops.seed import rules, social_rules
from tests.ops.seed.tools import offenders

RULES = rules.RULES | social_rules.RULES


def broken() -> dict[str, list[tuple[object, ...]]]:
    """By rule, some of the rows that break it."""
    return {rule: rows[:3] for rule, query in RULES.items() if (rows := offenders(query))}
