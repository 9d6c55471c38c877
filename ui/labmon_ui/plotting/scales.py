"""The shared day axis: linear to the break, then compressed, with ticks that thin out before they collide."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class DayScale:
    """Days to axis units and back; one unit is one day before the break and `compression` days after it."""

    break_day: float = 28.0
    compression: float = 5.0

    def __post_init__(self) -> None:
        if self.compression <= 0:
            raise ValueError(f"days cannot be compressed by {self.compression}")

    def forward(self, days: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Axis units of days."""
        d = np.asarray(days, dtype=np.float64)
        return np.where(d <= self.break_day, d, self.break_day + (d - self.break_day) / self.compression)

    def inverse(self, units: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Days of axis units."""
        u = np.asarray(units, dtype=np.float64)
        return np.where(u <= self.break_day, u, self.break_day + (u - self.break_day) * self.compression)

    def unit(self, day: float) -> float:
        """`forward` of one day, without an array's overhead."""
        return day if day <= self.break_day else self.break_day + (day - self.break_day) / self.compression

    def day(self, unit: float) -> float:
        """`inverse` of one unit."""
        return unit if unit <= self.break_day else self.break_day + (unit - self.break_day) * self.compression


def _candidates(first: int, last: int) -> list[tuple[int, int]]:
    """Days worth a tick with their rank: anchors first, then visits, then weeks, then every day."""
    ranked = []
    for day in range(first, last + 1):
        if day in (0, 28):
            rank = 0
        elif day in (7, 14, 21, -7, 60, 90, 180, 365) or (day > 365 and day % 365 == 0):
            rank = 1
        elif day in (42, 120, 150, 270, -14, -28) or (day > 365 and day % 365 in (90, 180, 270)):
            rank = 2
        elif day in (3, 10) or (day > 28 and day % 30 == 0 and day % 365 > 30):
            rank = 3
        elif day % 7 == 0:
            rank = 4
        else:
            rank = 5
        ranked.append((rank, day))
    return ranked


def day_ticks(
    first: float, last: float, place: Callable[[float], float], width: Callable[[int], float], gap: float
) -> tuple[int, ...]:
    """Days to write along the axis, the important ones first, none closer to another than `gap` pixels.

    `place` gives the pixel of a day, `width` the pixels its text takes. Days below rank 3 appear only when their whole
    neighbourhood has room for every day or every week, so that the zoomed axis stays regular.
    """
    low, high = math.ceil(first), math.floor(last)
    if high < low:
        return ()
    # Far out, more candidates than pixels would cost time for nothing.
    stride_limit = 4 if high - low > 800 else 5
    widest = max(width(low), width(high))
    chosen: list[tuple[float, float, int]] = []
    for rank, day in sorted(_candidates(low, high)):
        if rank > stride_limit:
            break
        centre = place(day)
        if rank >= 4 and abs(place(day + 1) - centre) * (7 if rank == 4 else 1) < widest + gap:
            continue
        half = width(day) / 2
        if all(abs(centre - other) >= half + other_half + gap for other, other_half, _ in chosen):
            chosen.append((centre, half, day))
    return tuple(sorted(day for _, _, day in chosen))
