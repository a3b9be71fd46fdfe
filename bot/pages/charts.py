"""What the overview draws, reckoned: days with their bars, and shares. Lengths are pixels, places across are percent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEIGHT = 200.0
"""Of the plot, without what is written below it."""
_LEFT, _RIGHT = 6.0, 1.0
_GAP = 0.28
"""The part of a day's width that stays empty."""
_SERIES = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: ``kind`` is opened, merged or declined; ``x`` and ``width`` in percent, ``y`` and ``height`` in pixels."""

    kind: str
    count: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Slot:
    """A day, or several: ``label`` has two short lines, none where there is no room. ``middle`` in percent."""

    name: str
    label: tuple[str, ...]
    middle: float
    opened: int
    merged: int
    declined: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars over time; ``ticks`` are values with their heights in pixels from above."""

    slots: tuple[Slot, ...]
    ticks: tuple[tuple[int, float], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Events:
    """The days on which pull requests were opened, merged and declined."""

    opened: Sequence[datetime]
    merged: Sequence[datetime]
    declined: Sequence[datetime]


def plot(events: Events, first: date, days: int, step: int) -> Plot:
    """The plot of so many days from the ``first``, ``step`` of them in one slot."""
    slots = -(-days // step)
    counts = [_counted(each, first, step) for each in (events.opened, events.merged, events.declined)]
    top = _top(
        max((value for each in counts for slot, value in each.items() if 0 <= slot < slots), default=0)
    )
    width = (100 - _LEFT - _RIGHT) / slots
    every = 1 if slots <= 7 else -(-slots // 6)
    made = []
    for index in range(slots):
        begin = first + timedelta(days=index * step)
        opened, merged, declined = (each[index] for each in counts)
        left = _LEFT + width * index
        name = _span(begin, begin + timedelta(days=step - 1))
        made.append(
            Slot(
                name=name,
                label=_label(begin, slots) if index % every == 0 else (),
                middle=round(left + width / 2, 3),
                opened=opened,
                merged=merged,
                declined=declined,
                bars=tuple(_bars((opened, merged, declined), left, width, top)),
            )
        )
    ticks = tuple((value, round(HEIGHT - HEIGHT * value / top, 2)) for value in _ticks(top))
    return Plot(tuple(made), ticks, sum(each.opened + each.merged + each.declined for each in made))


def _bars(values: tuple[int, ...], left: float, width: float, top: int) -> Iterable[Bar]:
    across = width * (1 - _GAP) / _SERIES
    for place, (kind, value) in enumerate(zip(("opened", "merged", "declined"), values, strict=True)):
        if value:
            height = round(HEIGHT * value / top, 2)
            x = left + width * _GAP / 2 + across * place
            yield Bar(kind, value, round(x, 3), round(across * 0.88, 3), round(HEIGHT - height, 2), height)


def _counted(times: Iterable[datetime], first: date, step: int) -> Counter[int]:
    return Counter((each.date() - first).days // step for each in times)


def _top(most: int) -> int:
    """The value at the plot's upper edge: round, and even, so that the line at half of it is a whole number."""
    size = 1
    while True:
        for factor in (2, 4, 6, 10, 20):
            if most <= factor * size:
                return factor * size
        size *= 10


def _ticks(top: int) -> tuple[int, ...]:
    return (0, top // 2, top)


def _label(begin: date, slots: int) -> tuple[str, str]:
    return f"{begin:%a}" if slots <= 7 else f"{begin:%b}", str(begin.day)


def _span(begin: date, end: date) -> str:
    if begin == end:
        return f"{begin:%a} {begin.day} {begin:%b}"
    return f"{begin.day} {begin:%b} to {end.day} {end:%b}"


def share(part: int, whole: int) -> float:
    """A part in percent, 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0
