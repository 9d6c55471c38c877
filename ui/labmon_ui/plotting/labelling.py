"""Which words a panel wants beside its marks and lines, and where each would like to stand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from labmon.reports.figures import DayMarker, Limit, Mark, MarkPlace, PanelKey
from labmon_ui.plotting import symbols
from labmon_ui.plotting.geometry import Box, Geometry, PanelBox
from labmon_ui.plotting.ink import MEDIUM, REGULAR, STRONG, Ink
from labmon_ui.plotting.labels import Label, PlacedLabel, Run, place

LINE_HEIGHT = 1.2
DODGE = 24.0


def dodge(box: PanelBox, geometry: Geometry) -> dict[str, float]:
    """How many pixels a mark stands beside its day: MRD marks would cover each other.

    Marks keep their order in days and, on one day, of their methods; crowded ones spread evenly around their middle.
    """
    if box.panel.key is not PanelKey.MRD:
        return {}
    marks = sorted(
        (mark for _, mark in box.panel.marks() if mark.place is MarkPlace.AXIS and mark.height is not None),
        key=lambda mark: mark.day,
    )
    groups: list[_Crowd] = []
    for i, mark in enumerate(marks):
        apart = _apart(marks[i - 1], mark, box, geometry.scale) if i else 0.0
        groups.append(_Crowd(refs=[mark.ref], steps=[0.0], middles=[geometry.x(mark.day)], gap=apart))
        while len(groups) > 1 and groups[-1].start < groups[-2].end + groups[-1].gap:
            last = groups.pop()
            groups[-1].absorb(last)
    wanted = {mark.ref: geometry.x(mark.day) for mark in marks}
    placed = {ref: group.start + step for group in groups for ref, step in zip(group.refs, group.steps, strict=True)}
    return {ref: x - wanted[ref] for ref, x in placed.items() if abs(x - wanted[ref]) > 0.01}


@dataclass(slots=True, kw_only=True)
class _Crowd:
    """Marks that have to stand side by side, each `steps` pixels after the first."""

    refs: list[str]
    steps: list[float]
    middles: list[float]
    gap: float

    @property
    def start(self) -> float:
        """Where the first stands when all together are as near to their days as they can be."""
        return sum(x - step for x, step in zip(self.middles, self.steps, strict=True)) / len(self.steps)

    @property
    def end(self) -> float:
        return self.start + self.steps[-1]

    def absorb(self, other: _Crowd) -> None:
        offset = self.steps[-1] + other.gap
        self.refs += other.refs
        self.steps += [offset + step for step in other.steps]
        self.middles += other.middles


def _apart(one: Mark, other: Mark, box: PanelBox, scale: float) -> float:
    """The pixels two neighbouring marks need: a bar's width and a letter's, none when they stand at other heights."""
    assert one.height is not None  # callers pass marks on the axis
    assert other.height is not None
    is_level = abs(box.y(one.height) - box.y(other.height)) < 16 * scale
    return DODGE * scale if is_level or math.floor(one.day) == math.floor(other.day) else 0.0


def mark_boxes(box: PanelBox, geometry: Geometry) -> dict[str, Box]:
    """The pixels each visible mark of a panel covers."""
    shifts, s = dodge(box, geometry), geometry.scale
    boxes = {}
    for _, mark in box.panel.marks():
        if not geometry.shows(mark.day):
            continue
        x = geometry.x(mark.day) + shifts.get(mark.ref, 0.0)
        if mark.place is MarkPlace.RUG and box.rug is not None:
            boxes[mark.ref] = Box(left=x - 2 * s, right=x + 2 * s, top=box.rug.top, bottom=box.rug.bottom)
        elif mark.place is MarkPlace.AXIS and mark.height is not None:
            y = box.y(mark.height)
            up, down, side = 5.0, 5.0, 5.0
            if mark.state.is_blq and box.panel.key is PanelKey.MRD:
                up, down, side = 1.5, 11.0, symbols.NEGATIVE_BAR + 1
            elif mark.state.value == "above_uloq":
                up = 13.0
            if mark.is_unconfirmed:
                up, down, side = max(up, 8.5), max(down, 8.5), max(side, 8.5)
            boxes[mark.ref] = Box(left=x - side * s, right=x + side * s, top=y - up * s, bottom=y + down * s)
    return boxes


def _line_boxes(box: PanelBox, geometry: Geometry) -> list[Box]:
    """The joining lines of a panel as a string of small boxes."""
    found = []
    for series in box.panel.series:
        for segment in series.segments():
            x1, y1 = geometry.x(segment.start.day), box.y(segment.heights[0])
            x2, y2 = geometry.x(segment.end.day), box.y(segment.heights[1])
            steps = min(max(int(max(abs(x2 - x1), abs(y2 - y1)) / 6), 1), 120)
            for i in range(steps):
                x, y = x1 + (x2 - x1) * (i + 0.5) / steps, y1 + (y2 - y1) * (i + 0.5) / steps
                found.append(Box(left=x - 3, right=x + 3, top=y - 3, bottom=y + 3))
    for threshold in box.panel.thresholds:
        y = box.y(threshold.value)
        found.append(Box(left=geometry.left, right=geometry.right, top=y - 1, bottom=y + 1))
    for limit in box.panel.limits:
        for left, right, value in _limit_spans(limit, geometry):
            found.append(Box(left=left, right=right, top=box.y(value) - 1, bottom=box.y(value) + 1))
    return found


def _limit_spans(limit: Limit, g: Geometry) -> Iterator[tuple[float, float, float]]:
    """The visible pieces of a stepped limit: left, right and value."""
    for i, step in enumerate(limit.steps):
        left = g.left if i == 0 else max(g.x(step.day), g.left)
        right = min(g.x(limit.steps[i + 1].day) if i + 1 < len(limit.steps) else g.right, g.right)
        if right > left:
            yield left, right, step.value


def _label(
    ink: Ink,
    lines: tuple[tuple[Run, ...], ...],
    candidates: list[tuple[float, float]],
    colour: str,
    *,
    is_centred: bool = False,
    anchor: float = 0.0,
) -> Label:
    """A label whose candidates are given for its anchor: 0 the left edge, 0.5 the middle, 1 the right edge."""
    width, height = _size(ink, lines)
    return Label(
        lines=lines,
        width=width,
        height=height,
        colour=colour,
        candidates=tuple((x - anchor * width, y) for x, y in candidates),
        is_centred=is_centred,
    )


def _size(ink: Ink, lines: tuple[tuple[Run, ...], ...]) -> tuple[float, float]:
    width = max(sum(ink.width(run.text, run.pixels, run.weight) for run in line) for line in lines)
    return width, sum(max(run.pixels for run in line) * LINE_HEIGHT * ink.scale for line in lines)


def _words(text: str, pixels: float = 11, weight: int = REGULAR) -> tuple[tuple[Run, ...], ...]:
    return ((Run(text=text, pixels=pixels, weight=weight),),)


def panel_labels(box: PanelBox, geometry: Geometry, ink: Ink, today: DayMarker | None = None) -> list[PlacedLabel]:
    """The labels of a panel, placed; words about results come before words about lines."""
    g, s, panel = geometry, geometry.scale, box.panel
    wanted: list[Label] = []
    boxes = mark_boxes(box, g)
    wanted += _callout_labels(box, g, ink)
    wanted += _shade_labels(box, g, ink)
    wanted += _mark_labels(box, g, ink, boxes)
    for series in panel.series:
        on_axis = [mark for mark in series.marks if mark.place is MarkPlace.AXIS and g.shows(mark.day)]
        if series.end_label and on_axis:
            last = max(on_axis, key=lambda mark: mark.day)
            covered = boxes[last.ref]
            middle = (covered.top + covered.bottom) / 2 - 6.6 * s
            spots = [(covered.right + 3 * s, middle + dy * s) for dy in (0, -5, 5, -9, 9, -13, 13)]
            spots += [(covered.left, covered.top - 13 * s), (covered.left, covered.bottom)]
            wanted.append(_label(ink, _words(series.end_label), spots, ink.palette.text2))
    wanted += _line_labels(box, g, ink)
    if today is not None and g.left <= g.x(today.day) < g.right:
        x = g.x(today.day) + 5 * s
        spots = [(x, box.plot_top + dy * s) for dy in (1, 14, 28, 42)]
        wanted.append(_label(ink, _words(today.text, 10.5), spots, ink.palette.text3))
    bottom = box.rug.bottom if box.rug is not None else box.plot_bottom + 1 * s
    bounds = Box(left=g.left + 2, right=g.right, top=box.plot_top - 2 * s, bottom=bottom)
    return place(wanted, bounds=bounds, marks=boxes.values(), lines=_line_boxes(box, g))


def _callout_labels(box: PanelBox, g: Geometry, ink: Ink) -> list[Label]:
    s, found = g.scale, []
    for callout in box.panel.callouts:
        if not g.shows(callout.day):
            continue
        x, y = g.x(callout.day), box.y(callout.value)
        line = (
            Run(text=callout.name, pixels=11.5, weight=STRONG),
            Run(text=callout.subscript, pixels=9, weight=STRONG, drop=2),
            Run(text=" " + callout.text, pixels=11.5, weight=STRONG),
        )
        width, _ = _size(ink, (line,))
        right = [(x + 9 * s, y - 14 * s), (x + 9 * s, y - 20 * s), (x - width / 2, y - 22 * s)]
        left = [(x - 9 * s - width, y - 14 * s), (x + 9 * s, y - 4 * s), (x - 9 * s - width, y - 2 * s)]
        found.append(_label(ink, (line,), right + left, ink.palette.text))
    return found


def _shade_labels(box: PanelBox, g: Geometry, ink: Ink) -> list[Label]:
    s, found = g.scale, []
    for shade in box.panel.shades:
        left, right = max(g.x(shade.left_day), g.left), min(g.x(shade.right_day), g.right)
        if right <= left or not shade.lines:
            continue
        weights = [REGULAR] * (len(shade.lines) - 1) + [MEDIUM]
        lines = tuple((Run(text=t, pixels=11, weight=w),) for t, w in zip(shade.lines, weights, strict=True))
        width, height = _size(ink, lines)
        middle = (left + right) / 2 - width / 2
        spots = [(middle, box.plot_top + 1 * s)]
        # Narrow days cannot hold the words: they stand beside the shade, at the height where it is emptiest.
        for top in (box.plot_top + 1 * s, box.plot_top + 22 * s, box.plot_bottom - height - 14 * s):
            spots += [(middle, top), (right + 4 * s, top), (left - width - 4 * s, top)]
        found.append(_label(ink, lines, spots, ink.palette.text2, is_centred=True))
    return found


def _mark_labels(box: PanelBox, g: Geometry, ink: Ink, boxes: dict[str, Box]) -> list[Label]:
    s, found = g.scale, []
    shifts = dodge(box, g)
    for _, mark in box.panel.marks():
        covered = boxes.get(mark.ref)
        text = mark.label or mark.letter
        if covered is None or not text:
            continue
        is_letter = not mark.label
        lines = _words(text, 10.5 if is_letter else 11, MEDIUM if is_letter else REGULAR)
        width, height = _size(ink, lines)
        middle = (covered.top + covered.bottom) / 2 - height / 2 + (1.5 * s if is_letter else 0)
        right, left = (covered.right + 3 * s, middle), (covered.left - 3 * s - width, middle)
        sides = [left, right] if shifts.get(mark.ref, 0.0) < 0 and is_letter else [right, left]
        centre = (covered.left + covered.right) / 2 - width / 2
        spots = [
            *sides,
            (covered.right + 2 * s, covered.top - height + 2 * s),
            (centre, covered.top - height - 1 * s),
            (centre, covered.bottom + 1 * s),
            (covered.left - 2 * s - width, covered.top - height + 2 * s),
            (covered.right + 2 * s, covered.bottom - 2 * s),
        ]
        found.append(_label(ink, lines, spots, ink.palette.text3 if mark.is_excluded else ink.palette.text2))
    return found


def _line_labels(box: PanelBox, g: Geometry, ink: Ink) -> list[Label]:
    """Words on thresholds and limits, above or below their line, wherever it is free."""
    s, found = g.scale, []
    for threshold in box.panel.thresholds:
        lines = _words(threshold.text)
        width, height = _size(ink, lines)
        y = box.y(threshold.value)
        room = g.right - g.left - width - 5 * s
        spots = [
            (g.left + 5 * s + part * room, top)
            for top in (y - height - 1.5 * s, y + 2 * s)
            for part in (0.0, 0.22, 0.4, 0.55, 0.7, 1.0)
        ]
        found.append(_label(ink, lines, spots, ink.palette.text2))
    for limit in box.panel.limits:
        if limit.text:
            found.append(_range_label(limit, box, g, ink))
        for i, step in enumerate(limit.steps):
            start = g.left if i == 0 else max(g.x(step.day), g.left)
            end = g.x(limit.steps[i + 1].day) if i + 1 < len(limit.steps) else g.right
            end = min(end, g.right)
            if end <= g.left or start >= g.right or not step.text:
                continue
            lines = _words(step.text, 10.5)
            width, height = _size(ink, lines)
            y = box.y(step.value)
            above, below = y - height - 0.5 * s, y + 1 * s
            edges = [start + 4 * s, end - width]
            if i == len(limit.steps) - 1:
                edges.reverse()
            middle = (start + end - width) / 2
            spots = [(edges[0], above), (edges[0], below), (edges[1], above), (edges[1], below)]
            spots += [(middle, above), (middle, below)]
            found.append(_label(ink, lines, spots, ink.palette.text3))
    return found


def _range_label(limit: Limit, box: PanelBox, g: Geometry, ink: Ink) -> Label:
    """One text for many steps, below or above any of them."""
    s = g.scale
    lines = _words(limit.text, 10.5)
    width, height = _size(ink, lines)
    spots = []
    for left, right, value in sorted(_limit_spans(limit, g), key=lambda span: span[0] - span[1]):
        for x in (right - width, left + 4 * s, (left + right - width) / 2):
            spots += [(x, box.y(value) - height - 0.5 * s), (x, box.y(value) + 1 * s)]
    return _label(ink, lines, spots or [(g.right - width, box.plot_bottom - height)], ink.palette.text3)
