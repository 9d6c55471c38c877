"""Places words beside marks so that they cover neither marks nor each other; every label finds a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labmon_ui.plotting.geometry import Box

_OVER_LABEL = 12.0
_OVER_MARK = 6.0
_OVER_LINE = 1.0
_OUTSIDE = 20.0
_EACH_STEP_DOWN = 6.0
"""A later candidate is taken only when it saves more than this many weighted square pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Words of one size and weight."""

    text: str
    pixels: float
    weight: int
    drop: float = 0.0
    """Pixels below the baseline, for a subscript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words that want a place: candidates are top-left corners, the best first."""

    lines: tuple[tuple[Run, ...], ...]
    width: float
    height: float
    colour: str
    candidates: tuple[tuple[float, float], ...]
    is_centred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLabel:
    label: Label
    box: Box


def place(
    labels: Sequence[Label], *, bounds: Box, marks: Iterable[Box] = (), lines: Iterable[Box] = ()
) -> list[PlacedLabel]:
    """Gives each label the candidate that covers least, earlier labels first."""
    marks, lines = list(marks), list(lines)
    occupied: list[Box] = []
    placed: list[PlacedLabel] = []
    for label in labels:
        best: tuple[float, Box] | None = None
        for rank, (left, top) in enumerate(label.candidates):
            if best is not None and best[0] <= _EACH_STEP_DOWN * rank:
                break  # no later candidate can cost less
            left = min(max(left, bounds.left), max(bounds.right - label.width, bounds.left))
            box = Box(left=left, top=top, right=left + label.width, bottom=top + label.height)
            inside = box.overlap(bounds)
            cost = _EACH_STEP_DOWN * rank + _OUTSIDE * (box.width * box.height - inside)
            cost += _OVER_LABEL * sum(box.overlap(other) for other in occupied)
            cost += _OVER_MARK * sum(box.overlap(other) for other in marks)
            if best is None or cost < best[0]:
                cost += _OVER_LINE * _covered(box, lines)
            if best is None or cost < best[0]:
                best = cost, box
        assert best is not None, "a label without candidates"
        occupied.append(best[1])
        placed.append(PlacedLabel(label=label, box=best[1]))
    return placed


def _covered(box: Box, lines: Sequence[Box]) -> float:
    """The area of lines under a box; written out, for there are hundreds of pieces to every label."""
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    area = 0.0
    for line in lines:
        if line.left < right and line.right > left and line.top < bottom and line.bottom > top:
            area += box.overlap(line)
    return area
