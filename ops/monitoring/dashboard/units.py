"""Figures as people read them."""

from collections.abc import Callable
from datetime import timedelta

Format = Callable[[float | None], str]
UNKNOWN = "–"
BYTES = ((2**40, "TB"), (2**30, "GB"), (2**20, "MB"), (2**10, "kB"))
SECONDS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"))
THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e4, "k"))


def short(value: float) -> str:
    """Three digits, and no zeros that say nothing."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def size(value: float | None) -> str:
    """Bytes."""
    if value is None:
        return UNKNOWN
    for unit, name in BYTES:
        if abs(value) >= unit:
            return f"{short(value / unit)} {name}"
    return f"{short(value)} B"


def duration(value: float | None) -> str:
    """Seconds."""
    if value is None:
        return UNKNOWN
    for unit, name in SECONDS:
        if abs(value) >= unit:
            return f"{short(value / unit)} {name}"
    return "0 s"


def count(value: float | None) -> str:
    """How many: exact up to ten thousand."""
    if value is None:
        return UNKNOWN
    for unit, name in THOUSANDS:
        if abs(value) >= unit:
            return f"{short(value / (1e3 if name == 'k' else unit))} {name}"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else short(value)


def rate(value: float | None) -> str:
    """How many a second."""
    return UNKNOWN if value is None else f"{count(value)}/s"


def size_rate(value: float | None) -> str:
    """Bytes a second."""
    return UNKNOWN if value is None else f"{size(value)}/s"


def percent(value: float | None) -> str:
    """A share from 0 to 1. What is not whole is not rounded to be."""
    if value is None:
        return UNKNOWN
    if 0.9999 < value < 1:
        return "> 99.99%"
    text = f"{value:.2%}" if value > 0.99 or value < 0.01 else f"{value:.1%}"
    return text[:-1].rstrip("0").rstrip(".") + "%" if "." in text else text


def milliseconds(value: float | None) -> str:
    """Milliseconds, always in these, so that a column can be compared."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"


def age(value: timedelta | None) -> str:
    return duration(value.total_seconds() if value is not None else None)


def base_of(unit: Format, value: float) -> float:
    """The unit that such a value is written in, so that an axis has whole numbers of it."""
    bases = BYTES if unit in (size, size_rate) else SECONDS if unit == duration else ()
    return float(next((base for base, _ in bases if value >= base), 1))
