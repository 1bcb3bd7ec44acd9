"""Charts over time as SVG, drawn here: nothing is fetched, and a page without scripts shows them too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from ops.monitoring.dashboard.units import Format, base_of, count, percent

WIDTH, HEIGHT = 420, 190  # of the drawing, which is scaled to its place
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 10, 24  # margins; the axes' words are in them
SHADES = 6  # colours that the style sheet has
ROWS = 4  # lines across, about
Point = tuple[datetime, float]


@dataclass(frozen=True)
class Series:
    """A line: its points in the order of time."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Chart:
    """Lines over the time from `since` to `until`; points further apart than `gap` are not joined."""

    title: str
    series: Sequence[Series]
    since: datetime
    until: datetime
    gap: timedelta
    unit: Format = count
    least: float = 0  # what the axis reaches at least

    @property
    def is_empty(self) -> bool:
        return not any(series.points for series in self.series)

    @property
    def greatest(self) -> float:
        return max((value for series in self.series for _, value in series.points), default=0.0)

    @property
    def lowest(self) -> float:
        return min((value for series in self.series for _, value in series.points), default=0.0)

    @property
    def legend(self) -> list[tuple[int, str, str]]:
        """Colour, name and last value of each line."""
        return [(number % SHADES, series.name, self.unit(series.points[-1][1] if series.points else None))
                for number, series in enumerate(self.series)]

    @property
    def words(self) -> str:
        """What the chart shows, for who does not see it."""
        lines = [f"{series.name}: last {self.unit(series.points[-1][1])}, highest "
                 f"{self.unit(max(value for _, value in series.points))}" for series in self.series if series.points]
        return "; ".join(lines) or "Nothing is known of this time."

    def svg(self) -> SafeString:
        base = base_of(self.unit, max(self.greatest, self.least))
        bottom = 0.9 if self.unit is percent and self.lowest >= 0.9 else 0.0  # of shares near all, what is missing
        top, step = (base * value for value in scale((max(self.greatest, self.least) - bottom) / base))
        key = f"chart-{slugify(self.title)}"
        return format_html(
            '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-words">'
            '<title id="{}-title">{}</title><desc id="{}-words">{}</desc>{}{}{}</svg>',
            WIDTH, HEIGHT, key, key, key, self.title, key, self.words,
            self.rows(bottom, top, step), self.columns(), self.lines(bottom, top))

    def rows(self, bottom: float, top: float, step: float) -> SafeString:
        values = [bottom + number * step for number in range(round(top / step) + 1)]
        return format_html_join(
            "", '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="axis end" x="{}" y="{}">{}</text>',
            ((LEFT, WIDTH - RIGHT, y, y, LEFT - 6, f"{float(y) + 3.5:.1f}", self.unit(value))
             for value in values for y in [self.y(value - bottom, top)]))

    def columns(self) -> SafeString:
        return format_html_join(
            "", '<line class="tick" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="axis middle" x="{}" y="{}">{}</text>',
            ((x, x, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 4, x, HEIGHT - BOTTOM + 16, words)
             for at, words in ticks(self.since, self.until) for x in [self.x(at)]))

    def lines(self, bottom: float, top: float) -> SafeString:
        return format_html_join(
            "", '<path class="line{} shade-{}" d="{}"><title>{}</title></path>',
            ((" alone" if are_alone else "", number % SHADES, path, series.name)
             for number, series in enumerate(self.series) for are_alone in (False, True)
             if (path := "".join(self.path(run, bottom, top) for run in self.runs(series.points)
                                 if (len(run) == 1) is are_alone))))

    def runs(self, points: Sequence[Point]) -> list[list[Point]]:
        """Points that are joined, each with the next."""
        found: list[list[Point]] = []
        for point in points:
            if found and point[0] - found[-1][-1][0] <= self.gap:
                found[-1].append(point)
            else:
                found.append([point])
        return found

    def path(self, run: Sequence[Point], bottom: float, top: float) -> str:
        """A line through them; a point alone is a line to itself, whose ends are round."""
        places = [f"{self.x(at)},{self.y(value - bottom, top)}" for at, value in run]
        return f"M{'L'.join(places * 2 if len(run) == 1 else places)}"

    def x(self, at: datetime) -> str:
        share = (at - self.since) / (self.until - self.since)
        return f"{LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT):.1f}"

    def y(self, value: float, top: float) -> str:
        return f"{HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM):.1f}"


TICKS = ((timedelta(minutes=10), "%H:%M"), (timedelta(hours=4), "%H:%M"), (timedelta(days=1), "%a %d"),
         (timedelta(days=14), "%d %b"))


def scale(greatest: float) -> tuple[float, float]:
    """Where the axis ends, not below `greatest`, and the step of its lines: 1, 2 or 5 times a power of ten."""
    if greatest <= 0:
        return 1.0, 1.0
    power = 10.0 ** floor(log10(greatest / ROWS))
    step = next(factor * power for factor in (1, 2, 5, 10) if greatest / (factor * power) <= ROWS + 1)
    return ceil(greatest / step - 1e-9) * step, step


def ticks(since: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """About six times on the axis, at whole minutes, hours or days, and how they are written."""
    step, words = next((each for each in TICKS if (until - since) / each[0] <= 8), TICKS[-1])
    first = datetime.fromtimestamp(ceil(since.timestamp() / step.total_seconds()) * step.total_seconds(), UTC)
    times = [first + number * step for number in range(int((until - first) / step) + 1)]
    return [(at, at.strftime(words)) for at in times]
