"""What sources tell."""

from collections.abc import Callable, Iterator

Figure = tuple[str, dict[str, str], float | None]  # a metric's name, its labels, and its value; None is left out
Figures = Callable[[], Iterator[Figure]]
