"""The paper of a figure: headings, axes, grids, limits, bands and the key, below and around the marks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from labmon.domain import wording
from labmon.domain.quantity import ValueState
from labmon.reports.figures import FigureSpec, KeyEntry, LineStyle, Mark, ModelLine, Series, SeriesKey, Side, Symbol
from labmon_ui.plotting import symbols
from labmon_ui.plotting.geometry import AXIS_ROW, KEY_ROW, Geometry, PanelBox
from labmon_ui.plotting.ink import MEDIUM, STRONG, Ink, crisp, horizontal, vertical
from labmon_ui.plotting.scales import day_ticks
from labmon_ui.texts import tr

MARGIN = 14.0
DOTTED = (1.5, 2.5)
MODEL_DASH = (5.0, 4.0)


def day_text(day: float) -> str:
    """A day as the axis writes it, with a true minus."""
    return wording.number(day, digits=len(str(abs(round(day)))) or 1) if day else "0"


def paint_paper(painter: QPainter, spec: FigureSpec, geometry: Geometry, ink: Ink) -> None:
    """What lies under everything: the days after today, the lines of days that matter, the panels' rules."""
    g = geometry
    if spec.today is not None and g.x(spec.today.day) < g.right:
        left = max(g.x(spec.today.day), g.left)
        painter.fillRect(
            QRectF(left, g.panels_top, g.right - left, g.axis_y - g.panels_top), ink.colour(ink.palette.window, 0.75)
        )
    for event in spec.events:
        if event.is_landmark and g.shows(event.day):
            painter.setPen(ink.pen(ink.colour(ink.palette.axis, 0.6)))
            paint_through(painter, g.x(event.day), g, ink)
    if g.shows(spec.break_day):
        painter.setPen(ink.pen(ink.palette.line))
        paint_through(painter, g.x(spec.break_day), g, ink)
    if spec.window_end is not None and g.shows(spec.window_end.day):
        painter.setPen(ink.pen(ink.palette.amber, 1, (4, 3)))
        vertical(painter, crisp(g.x(spec.window_end.day)), 8 * g.scale, g.panels_top)
        paint_through(painter, g.x(spec.window_end.day), g, ink)
    painter.setPen(ink.pen(ink.palette.line))
    rules = [box.top for box in g.panels] + ([g.events_top] if g.events_top is not None else [])
    for y in rules:
        horizontal(painter, 0, g.width, crisp(y))
    horizontal(painter, 0, g.width, crisp(g.axis_y + AXIS_ROW * g.scale))


def paint_through(painter: QPainter, x: float, geometry: Geometry, ink: Ink) -> None:
    """A line through all panels that strikes out no heading."""
    g = geometry
    top = g.panels_top
    for box in g.panels:
        if x < heading_end(box, ink) + 4 * g.scale:
            if box.top > top:
                vertical(painter, crisp(x), top, box.top)
            top = box.plot_top - 1
    vertical(painter, crisp(x), top, g.axis_y)


def paint_panel(painter: QPainter, box: PanelBox, geometry: Geometry, ink: Ink) -> None:
    """A panel without its marks."""
    g, s, panel = geometry, geometry.scale, box.panel
    _paint_shades(painter, box, g, ink)
    _paint_ticks(painter, box, g, ink)
    _paint_model(painter, box, g, ink)
    for threshold in panel.thresholds:
        y = box.y(threshold.value)
        colour = ink.series(threshold.key) if threshold.key else ink.colour(ink.palette.text3)
        if threshold.tinted is not Side.NEITHER:
            tint = ink.colour(colour.name(), 0.08)
            edge = box.plot_top if threshold.tinted is Side.ABOVE else box.plot_bottom
            painter.fillRect(QRectF(g.left, min(y, edge), g.right - g.left, abs(y - edge)), tint)
        painter.setPen(ink.pen(colour))
        horizontal(painter, g.left, g.right, crisp(y))
    for limit in panel.limits:
        painter.setPen(ink.pen(ink.series(limit.key), 1, DOTTED))
        corners: list[QPointF] = []
        for i, step in enumerate(limit.steps):
            start = g.left if i == 0 else min(max(g.x(step.day), g.left), g.right)
            if corners:
                corners.append(QPointF(start, corners[-1].y()))
            corners.append(QPointF(start, crisp(box.y(step.value))))
        corners.append(QPointF(g.right, corners[-1].y()))
        painter.drawPolyline(QPolygonF(corners))
    for callout in panel.callouts:
        if g.shows(callout.day):
            painter.setPen(ink.pen(ink.colour(ink.series(callout.key).name(), 0.45)))
            vertical(painter, g.x(callout.day), box.y(callout.value) + 6 * s, box.plot_bottom)
    if box.rug is not None:
        strip = box.rug
        painter.fillRect(QRectF(strip.left, strip.top, strip.width, strip.height), ink.colour(ink.palette.grid, 0.75))
        ink.text(
            painter,
            g.left - 8 * s,
            (strip.top + strip.bottom) / 2 + 3.7 * s,
            tr("n.d."),
            pixels=10.5,
            colour=ink.palette.text3,
            anchor=Qt.AlignmentFlag.AlignRight,
        )


def _paint_shades(painter: QPainter, box: PanelBox, g: Geometry, ink: Ink) -> None:
    for shade in box.panel.shades:
        left, right = max(g.x(shade.left_day), g.left), min(g.x(shade.right_day), g.right)
        if right > left:
            bottom = box.rug.bottom if box.rug else box.plot_bottom
            painter.fillRect(
                QRectF(left, box.plot_top, right - left, bottom - box.plot_top),
                ink.colour(ink.series(shade.key).name(), 0.10),
            )


def _paint_model(painter: QPainter, box: PanelBox, g: Geometry, ink: Ink) -> None:
    """The model's curve, dashed, over its band; both end with the axes, which vector formats would not clip."""
    model = box.panel.model
    if model is None:
        return
    seen = _days_in_view(model, g)
    if len(seen) < 2:
        return
    colour = ink.series(model.key)

    def along(days: Sequence[float], heights: tuple[float, ...]) -> list[QPointF]:
        return [QPointF(g.x(day), box.y(_log_between(day, model.days, heights))) for day in days]

    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.colour(colour.name(), 0.09))
    painter.drawPolygon(QPolygonF([*along(seen, model.high), *reversed(along(seen, model.low))]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(ink.pen(colour, g.scale, tuple(length * g.scale for length in MODEL_DASH)))
    line: list[QPointF] = []
    for day in seen:
        value = _log_between(day, model.days, model.values)
        if box.panel.axis.low <= value <= box.panel.axis.high:
            line.append(QPointF(g.x(day), box.y(value)))
        elif line:
            painter.drawPolyline(QPolygonF(line))
            line = []
    painter.drawPolyline(QPolygonF(line))


def _days_in_view(model: ModelLine, g: Geometry) -> list[float]:
    """The days of the curve between the ends of the axis, and these ends where the curve reaches them."""
    first, last = max(g.day_at(g.left), model.days[0]), min(g.day_at(g.right), model.days[-1])
    return [first, *(day for day in model.days if first < day < last), last] if first < last else []


def _log_between(day: float, days: tuple[float, ...], heights: tuple[float, ...]) -> float:
    """The height of a curve on a day, straight between its points on a log axis."""
    right = min(max(bisect_right(days, day), 1), len(days) - 1)
    part = (day - days[right - 1]) / (days[right] - days[right - 1])
    return float(heights[right - 1] * (heights[right] / heights[right - 1]) ** part)


def _paint_ticks(painter: QPainter, box: PanelBox, g: Geometry, ink: Ink) -> None:
    written: float | None = None
    for tick in box.panel.axis.ticks:
        y = box.y(tick.value)
        painter.setPen(ink.pen(ink.palette.grid))
        horizontal(painter, g.left, g.right, crisp(y))
        # A decade keeps its line when its text would touch the one below or the heading.
        is_free = written is None or abs(written - y) >= 10.5 * g.scale
        if is_free and y >= box.plot_top + 3 * g.scale:
            ink.text(
                painter,
                g.left - 8 * g.scale,
                y + 4 * g.scale,
                tick.text,
                colour=ink.palette.text3,
                anchor=Qt.AlignmentFlag.AlignRight,
            )
            written = y


def paint_heading(painter: QPainter, box: PanelBox, geometry: Geometry, ink: Ink) -> None:
    """Title, unit and remark of a panel."""
    s, baseline = geometry.scale, box.top + 14 * geometry.scale
    x = MARGIN * s
    x += ink.text(painter, x, baseline, box.panel.title, pixels=12, colour=ink.palette.text, weight=STRONG) + 7 * s
    x += ink.text(painter, x, baseline, box.panel.unit, colour=ink.palette.text3) + 10 * s
    if box.panel.remark:
        width = ink.width(box.panel.remark, 10.5, MEDIUM)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.colour(ink.palette.sunken))
        pill = QRectF(x, box.top + 2.5 * s, width + 14 * s, 15 * s)
        painter.drawRoundedRect(pill, 7.5 * s, 7.5 * s)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ink.text(painter, x + 7 * s, baseline - 0.5 * s, box.panel.remark, pixels=10.5, weight=MEDIUM)


def heading_end(box: PanelBox, ink: Ink) -> float:
    """Where a panel's heading ends, so that the readout can keep clear of it."""
    end = (MARGIN + 7) * ink.scale + ink.width(box.panel.title, 12, STRONG) + ink.width(box.panel.unit, 11)
    if box.panel.remark:
        end += 24 * ink.scale + ink.width(box.panel.remark, 10.5, MEDIUM)
    return end


def paint_day_axis(painter: QPainter, spec: FigureSpec, geometry: Geometry, ink: Ink) -> None:
    """The shared day axis with its break."""
    g, s, y = geometry, geometry.scale, crisp(geometry.axis_y)
    painter.setPen(ink.pen(ink.palette.axis))
    break_x = g.x(spec.break_day)
    if g.left < break_x < g.right:
        horizontal(painter, g.left, break_x - 4 * s, y)
        horizontal(painter, break_x + 4 * s, g.right, y)
        painter.setPen(ink.pen(ink.palette.axis, 1.2))
        for offset in (-7, 1):
            painter.drawLine(
                QPointF(break_x + offset * s, y + 4.5 * s), QPointF(break_x + (offset + 6) * s, y - 4.5 * s)
            )
    else:
        horizontal(painter, g.left, g.right, y)
    painter.setPen(ink.pen(ink.palette.axis))
    for day in axis_days(g, ink):
        if day != spec.break_day:
            vertical(painter, g.x(day), y, y + 4 * s)
    ink.text(painter, MARGIN * s, g.axis_y + 16.5 * s, tr("day"), colour=ink.palette.text3)


def paint_day_texts(painter: QPainter, geometry: Geometry, ink: Ink, free: tuple[float, float] | None) -> None:
    """The days along the axis, except where the cursor's bubble stands."""
    for day in axis_days(geometry, ink):
        x, half = geometry.x(day), ink.width(day_text(day), 11) / 2
        if free is not None and x + half > free[0] - 3 and x - half < free[1] + 3:
            continue
        ink.text(painter, x - half, geometry.axis_y + 16.5 * geometry.scale, day_text(day), colour=ink.palette.text2)


def axis_days(geometry: Geometry, ink: Ink) -> tuple[int, ...]:
    """The days written along the axis in this view."""
    g = geometry
    return day_ticks(
        g.day_at(g.left) - 1e-6, g.day_at(g.right) + 1e-6, g.x, lambda day: ink.width(day_text(day), 11), 12 * g.scale
    )


def key_rows(spec: FigureSpec, ink: Ink, width: float) -> list[list[tuple[KeyEntry, float]]]:
    """The key broken into rows: each entry with the place it starts at."""
    rows: list[list[tuple[KeyEntry, float]]] = [[]]
    x = MARGIN * ink.scale
    for entry in spec.key_entries:
        needed = 20 * ink.scale + ink.width(key_words(entry, spec), 10.5)
        if rows[-1] and x + needed > width - MARGIN * ink.scale:
            rows.append([])
            x = MARGIN * ink.scale
        rows[-1].append((entry, x))
        x += needed + 13 * ink.scale
    return rows


def foot_rows(spec: FigureSpec, ink: Ink, width: float) -> int:
    """The rows below the day axis: the key, and what the figure leaves out."""
    return len(key_rows(spec, ink, width)) + bool(spec.omissions)


def key_words(entry: KeyEntry, spec: FigureSpec) -> str:
    """An entry's words; the letters of the MRD methods are explained where they occur."""
    match entry:
        case KeyEntry.QUANTIFIED:
            return tr("quantified")
        case KeyEntry.BELOW_LLOQ:
            return tr("detected, < LLOQ")
        case KeyEntry.NOT_DETECTED:
            return tr("not detected")
        case KeyEntry.ABOVE_ULOQ:
            return tr("above ULOQ")
        case KeyEntry.HELD:
            return tr("held")
        case KeyEntry.EXCLUDED:
            return tr("excluded")
        case KeyEntry.UNCONFIRMED:
            return tr("unconfirmed, repeat")
        case KeyEntry.MODEL:
            about = f" ({spec.model.text})" if spec.model is not None else ""
            return tr("model; no rule reads it") + about
        case KeyEntry.NEGATIVE_AT_SENSITIVITY:
            return f"{tr('not detected, at the sensitivity earned')} ({_mrd_letters(spec)})"


def _mrd_letters(spec: FigureSpec) -> str:
    """The methods with a negative in this figure, as the letters beside their marks."""
    letters = {SeriesKey.MRD_FLOW: tr("F flow"), SeriesKey.MRD_NGS: tr("N NGS"), SeriesKey.MRD_PCR: tr("P RQ-PCR")}
    drawn = {series.key for _, series, mark in spec.marks() if mark.state is ValueState.NOT_DETECTED}
    return ", ".join(letter for key, letter in letters.items() if key in drawn)


def paint_key(painter: QPainter, spec: FigureSpec, geometry: Geometry, ink: Ink, first_row_end: float) -> None:
    """The signs of this figure in words; the first row gives way to what stands at its right."""
    g, s = geometry, geometry.scale
    for i, row in enumerate(key_rows(spec, ink, g.width)):
        baseline = g.axis_y + (AXIS_ROW + 14 + KEY_ROW * i) * s
        for entry, x in row:
            if i == 0 and x + 20 * s + ink.width(key_words(entry, spec), 10.5) > first_row_end:
                continue
            if entry is KeyEntry.MODEL:
                painter.setPen(ink.pen(ink.series(SeriesKey.TRANSGENE), s, tuple(length * s for length in MODEL_DASH)))
                horizontal(painter, x + s, x + 15 * s, crisp(baseline - 4 * s))
                ink.text(painter, x + 20 * s, baseline, key_words(entry, spec), pixels=10.5, colour=ink.palette.text3)
                continue
            mark, series = _sample(entry, spec)
            lift = {KeyEntry.NEGATIVE_AT_SENSITIVITY: 7.5, KeyEntry.ABOVE_ULOQ: 0.5}.get(entry, 4.0)
            symbols.draw(painter, x + 8 * s, baseline - lift * s, mark, series, ink)
            ink.text(painter, x + 20 * s, baseline, key_words(entry, spec), pixels=10.5, colour=ink.palette.text3)
    if spec.omissions:
        baseline = g.axis_y + (AXIS_ROW + 14 + KEY_ROW * (foot_rows(spec, ink, g.width) - 1)) * s
        said = ink.elided(tr("Not drawn: {what}", what="; ".join(spec.omissions)), g.width - 2 * MARGIN * s, 10.5)
        ink.text(painter, MARGIN * s, baseline, said, pixels=10.5, colour=ink.palette.text3)


def _sample(entry: KeyEntry, spec: FigureSpec) -> tuple[Mark, Series]:
    """A mark that shows an entry's sign, in the colour of the first series that carries it."""
    state = {
        KeyEntry.BELOW_LLOQ: ValueState.DETECTED_BELOW_LLOQ,
        KeyEntry.NOT_DETECTED: ValueState.NOT_DETECTED,
        KeyEntry.ABOVE_ULOQ: ValueState.ABOVE_ULOQ,
        KeyEntry.NEGATIVE_AT_SENSITIVITY: ValueState.NOT_DETECTED,
    }.get(entry, ValueState.QUANTIFIED)
    is_negative = entry is KeyEntry.NEGATIVE_AT_SENSITIVITY
    mrd = (SeriesKey.MRD_FLOW, SeriesKey.MRD_NGS, SeriesKey.MRD_PCR)
    key = next((s.key for _, s, _ in spec.marks() if (s.key in mrd) is is_negative), SeriesKey.TRANSGENE)
    mark = Mark(
        ref="",
        day=0,
        state=state,
        text="",
        value=1.0 if state is ValueState.QUANTIFIED else None,
        limit=None if state is ValueState.QUANTIFIED or entry is KeyEntry.NOT_DETECTED else 1.0,
        is_held=entry is KeyEntry.HELD,
        is_excluded=entry is KeyEntry.EXCLUDED,
        is_unconfirmed=entry is KeyEntry.UNCONFIRMED,
    )
    return mark, Series(key=key, name="", symbol=Symbol.CIRCLE, line=LineStyle.NONE, marks=(mark,))
