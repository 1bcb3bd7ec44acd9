"""Figures as Prometheus writes them for people: the same functions as its templates have, by their names there."""

import math
from collections.abc import Callable, Sequence
from functools import partial


def plain(value: float) -> str:
    """As Go prints a float by itself."""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e21 else repr(value)


def humanize(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:.4g}"
    if abs(value) >= 1:
        return with_prefix(value, 1000, ("", "k", "M", "G", "T", "P"))
    prefix = next((name for power, name in ((3, "m"), (6, "u"), (9, "n")) if abs(value) * 10**power >= 1), "n")
    return f"{value * 10 ** (3 * ('mun'.index(prefix) + 1)):.4g}{prefix}"


def with_prefix(value: float, base: int, prefixes: Sequence[str]) -> str:
    """The value divided by `base` as often as it can be."""
    if not math.isfinite(value):
        return f"{value:.4g}"
    power = 0
    while abs(value) >= base and power < len(prefixes) - 1:
        value, power = value / base, power + 1
    return f"{value:.4g}{prefixes[power]}"


def humanize_duration(seconds: float) -> str:
    if not math.isfinite(seconds):
        return f"{seconds:.4g}"
    if abs(seconds) < 1:
        return f"{humanize(seconds)}s" if seconds else "0s"
    if abs(seconds) < 60:
        return f"{seconds:.4g}s"
    sign, whole = "-" if seconds < 0 else "", int(abs(seconds))
    days, hours, minutes = whole // 86_400, whole // 3600 % 24, whole // 60 % 60
    parts = (f"{days}d" if days else "", f"{hours}h" if whole >= 3600 else "", f"{minutes}m", f"{whole % 60}s")
    return sign + " ".join(part for part in parts if part)


FILTERS: dict[str | None, Callable[[float], str]] = {
    None: plain, "humanize": humanize, "humanizeDuration": humanize_duration,
    "humanize1024": partial(with_prefix, base=1024, prefixes=("", "ki", "Mi", "Gi", "Ti", "Pi")),
    "humanizePercentage": lambda value: f"{value * 100:.4g}%",
}
