"""Where everything of a figure stands, in pixels: panels, lanes, rows and the day axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from labmon.reports.figures import EventLane, EventMark, FigureSpec, Glyph, Panel, PanelKey
from labmon_ui.plotting.scales import DayScale
from labmon_ui.texts import tr

LEFT = 66.0
RIGHT = 18.0
HEADING = 19.0
PANEL_FOOT = 3.0
RIBBON_ROW = 19.0
RIBBON_TOP = 5.0
LANE_ROW = 16.0
LEAST_WIDTH = 40.0
AXIS_ROW = 25.0
KEY_ROW = 18.0
BLEED = 9.0
"""How far a mark may reach beyond its plot area before it is cut."""

_PLOT_HEIGHT = {
    PanelKey.TRANSGENE: (139.0, 84.0),
    PanelKey.TRANSGENE_PER_UL: (41.0, 34.0),
    PanelKey.CAR_CELLS: (41.0, 34.0),
    PanelKey.CAR_PERCENT: (41.0, 34.0),
    PanelKey.B_CELLS: (47.0, 36.0),
    PanelKey.MRD: (70.0, 56.0),
    PanelKey.EXHAUSTION: (60.0, 40.0),
}
_RUG_HEIGHT = {PanelKey.TRANSGENE: 11.0}
_RUG_HEIGHT_OTHERS = 8.0


TextWidth = Callable[[str, float], float]
"""Pixels of a text at a designed size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in figure pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def overlap(self, other: Box) -> float:
        """The area two boxes share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelBox:
    """One panel: its hairline, heading, plot area and, when something was not detected, the strip below."""

    panel: Panel
    top: float
    plot_top: float
    plot_bottom: float
    rug: Box | None
    bottom: float

    def y(self, value: float) -> float:
        """The pixel of a value."""
        low, high = self.panel.axis.span
        part = (self.panel.axis.position(value) - low) / (high - low)
        return self.plot_bottom - part * (self.plot_bottom - self.plot_top)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """A row of the event lane; a lane takes several rows when its events would overlap."""

    lane: EventLane
    y: float
    is_first: bool
    events: tuple[EventMark, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The visible part of the day axis, in axis units."""

    low: float
    high: float

    @property
    def span(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """The figure laid out for one size and one view."""

    width: float
    height: float
    scale: float
    days: DayScale
    home: View
    view: View
    left: float
    right: float
    ribbon_rows: tuple[float, ...]
    panels_top: float
    panels: tuple[PanelBox, ...]
    events_top: float | None
    lanes: tuple[LaneRow, ...]
    axis_y: float

    def x(self, day: float) -> float:
        """The pixel of a day."""
        return self.left + (self.days.unit(day) - self.view.low) / self.view.span * (self.right - self.left)

    def day_at(self, x: float) -> float:
        """The day under a pixel."""
        return self.days.day(self.view.low + (x - self.left) / (self.right - self.left) * self.view.span)

    def shows(self, day: float) -> bool:
        """Whether a day lies in the view, with the width of half a mark to spare."""
        return self.left - 4 <= self.x(day) <= self.right + 4

    @property
    def units_per_pixel(self) -> float:
        return self.view.span / (self.right - self.left)

    @property
    def is_zoomed(self) -> bool:
        return abs(self.view.low - self.home.low) > 1e-9 or abs(self.view.high - self.home.high) > 1e-9


def lane_words(lane: EventLane) -> str:
    """The name of an event lane."""
    match lane:
        case EventLane.CELLS:
            return tr("cells")
        case EventLane.DRUGS:
            return tr("drugs")
        case EventLane.STEROIDS:
            return tr("steroids")
        case EventLane.DISEASE:
            return tr("disease")


def home_view(spec: FigureSpec, days: DayScale) -> View:
    """The whole figure."""
    return View(days.unit(spec.first_day), days.unit(spec.last_day))


def _gutter(spec: FigureSpec, text_width: TextWidth, scale: float) -> float:
    widest = max((text_width(tick.text, 11) for panel in spec.panels for tick in panel.axis.ticks), default=0.0)
    lanes = max((text_width(lane_words(event.lane), 11) for event in spec.events), default=0.0)
    return max(LEFT * scale, max(widest, lanes) + 16 * scale)


@dataclass(frozen=True, slots=True)
class EventExtent:
    """The pixels an event takes in its row, and where its words begin."""

    left: float
    right: float
    text_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRuler:
    """Measures events on the day axis."""

    x: Callable[[float], float]
    text_width: TextWidth
    left: float
    right: float
    scale: float

    def extent(self, event: EventMark) -> EventExtent:
        """Words stand right of their glyph, and left of it where they would leave the figure."""
        start, end = self.x(event.day), self.x(event.end_day if event.end_day is not None else event.day)
        width = self.text_width(event.label, 11) * 1.03  # the infusion's words are of medium weight
        gap = {Glyph.NONE: 0.0, Glyph.INFUSION: 11.0, Glyph.BAR: 6.0, Glyph.HATCHED_BAR: 6.0}.get(event.glyph, 9.0)
        text_at = end + gap * self.scale
        if text_at + width > self.right:
            text_at = min(start, self.right) - gap * self.scale - width
        text_at = max(text_at, self.left + 2 * self.scale)
        left, right = min(start - 7 * self.scale, text_at), max(end + 7 * self.scale, text_at + width)
        return EventExtent(left=left, right=right + 8 * self.scale, text_at=text_at)

    def rows(self, events: tuple[EventMark, ...]) -> list[list[EventMark]]:
        """Events in as few rows as keep every glyph and word apart; none is dropped."""
        rows: list[tuple[list[EventExtent], list[EventMark]]] = []
        for event in sorted(events, key=lambda e: (e.day, e.glyph is Glyph.NONE)):
            extent = self.extent(event)
            for taken, row in rows:
                if all(extent.right <= other.left or other.right <= extent.left for other in taken):
                    taken.append(extent)
                    row.append(event)
                    break
            else:
                rows.append(([extent], [event]))
        return [row for _, row in rows]


def _lane_rows(spec: FigureSpec, ruler: LaneRuler) -> list[tuple[EventLane, bool, tuple[EventMark, ...]]]:
    rows = []
    for lane in EventLane:
        events = tuple(event for event in spec.events if event.lane is lane)
        for i, row in enumerate(ruler.rows(events)):
            rows.append((lane, i == 0, tuple(row)))
    return rows


def _home_ruler(spec: FigureSpec, left: float, width: float, text_width: TextWidth, scale: float) -> LaneRuler:
    """Measures on the whole figure: zooming in only pulls events apart, so the rows stay as they are."""
    days = DayScale(break_day=spec.break_day, compression=spec.compression)
    home, right = home_view(spec, days), max(width - RIGHT * scale, left + LEAST_WIDTH * scale)

    def x(day: float) -> float:
        return left + (days.unit(day) - home.low) / home.span * (right - left)

    return LaneRuler(x=x, text_width=text_width, left=left, right=width - 4 * scale, scale=scale)


def _rug_height(panel: Panel, scale: float) -> float:
    return (_RUG_HEIGHT.get(panel.key, _RUG_HEIGHT_OTHERS) + 2) * scale if panel.has_rug else 0.0


def _fixed_height(spec: FigureSpec, lane_rows: int, key_rows: int, scale: float) -> float:
    """Everything but the plot areas."""
    height = (RIBBON_TOP + RIBBON_ROW * len(spec.ribbons) + 5) * scale if spec.ribbons else 4 * scale
    for panel in spec.panels:
        height += (HEADING + PANEL_FOOT) * scale + _rug_height(panel, scale)
    if lane_rows:
        height += (16 + LANE_ROW * lane_rows + 4) * scale
    return height + (AXIS_ROW + 3 + KEY_ROW * key_rows) * scale


def minimum_height(spec: FigureSpec, width: float, key_rows: int, text_width: TextWidth, scale: float = 1.0) -> float:
    """The least height at which every panel can still be read; below it the figure wants a scroll area."""
    left = _gutter(spec, text_width, scale)
    rows = _lane_rows(spec, _home_ruler(spec, left, width, text_width, scale))
    plots = sum(_PLOT_HEIGHT[panel.key][1] * scale for panel in spec.panels)
    return math.ceil(_fixed_height(spec, len(rows), key_rows, scale) + plots)


def lay_out(
    spec: FigureSpec,
    *,
    width: float,
    height: float,
    view: View | None,
    key_rows: int,
    text_width: TextWidth,
    scale: float = 1.0,
) -> Geometry:
    """Places the figure; panels share what the fixed rows leave, in proportion to their designed heights."""
    days = DayScale(break_day=spec.break_day, compression=spec.compression)
    home = home_view(spec, days)
    left = _gutter(spec, text_width, scale)
    right = max(width - RIGHT * scale, left + LEAST_WIDTH * scale)
    lane_rows = _lane_rows(spec, _home_ruler(spec, left, width, text_width, scale))

    available = max(height, 1.0) - _fixed_height(spec, len(lane_rows), key_rows, scale)
    designed = sum(_PLOT_HEIGHT[panel.key][0] for panel in spec.panels) or 1.0
    least = sum(_PLOT_HEIGHT[panel.key][1] for panel in spec.panels) * scale
    share = max(available, least)

    def plot_height(panel: Panel) -> float:
        want, need = _PLOT_HEIGHT[panel.key]
        if share >= designed * scale:
            return want * share / designed
        # Between the designed and the least height every panel gives way by the same part of what it can spare.
        part = (share - least) / (designed * scale - least) if designed * scale > least else 0.0
        return (need + (want - need) * part) * scale

    ribbon_rows = tuple((RIBBON_TOP + RIBBON_ROW * i) * scale for i in range(len(spec.ribbons)))
    y = (RIBBON_TOP + RIBBON_ROW * len(spec.ribbons) + 5) * scale if spec.ribbons else 4 * scale
    panels_top = y
    boxes = []
    for panel in spec.panels:
        plot_top = y + HEADING * scale
        plot_bottom = plot_top + plot_height(panel)
        rug_height = _rug_height(panel, scale)
        rug = None
        if panel.has_rug:
            rug = Box(left=left, right=right, top=plot_bottom + 2 * scale, bottom=plot_bottom + rug_height)
        bottom = plot_bottom + rug_height + PANEL_FOOT * scale
        boxes.append(PanelBox(panel=panel, top=y, plot_top=plot_top, plot_bottom=plot_bottom, rug=rug, bottom=bottom))
        y = bottom
    events_top = None
    lanes = []
    if lane_rows:
        events_top = y
        for i, (lane, is_first, events) in enumerate(lane_rows):
            lanes.append(LaneRow(lane=lane, y=y + (24 + LANE_ROW * i) * scale, is_first=is_first, events=events))
        y += (16 + LANE_ROW * len(lane_rows) + 4) * scale
    return Geometry(
        width=width,
        height=height,
        scale=scale,
        days=days,
        home=home,
        view=view or home,
        left=left,
        right=right,
        ribbon_rows=ribbon_rows,
        panels_top=panels_top,
        panels=tuple(boxes),
        events_top=events_top,
        lanes=tuple(lanes),
        axis_y=y,
    )
