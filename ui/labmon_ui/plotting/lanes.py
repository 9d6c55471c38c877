"""Findings above the panels and events below them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF

from labmon.reports.figures import EventMark, FigureSpec, Glyph, Ribbon, RibbonSymbol
from labmon_ui.plotting.frame import MARGIN
from labmon_ui.plotting.geometry import Box, Geometry, LaneRuler, lane_words
from labmon_ui.plotting.ink import MEDIUM, REGULAR, STRONG, Ink, hatch, horizontal
from labmon_ui.texts import tr

ROW = 19.0
TITLE_AT = 54.0


def ribbon_colour(ribbon: Ribbon, ink: Ink) -> QColor:
    """Only what asks for a person is coloured; a criterion met is neutral."""
    p = ink.palette
    return QColor(
        {
            RibbonSymbol.FLAG: p.amber,
            RibbonSymbol.UNCONFIRMED: p.amber,
            RibbonSymbol.CONFLICT: p.purple,
            RibbonSymbol.HELD: p.red,
            RibbonSymbol.NOT_EVALUABLE: p.text3,
        }.get(ribbon.symbol, p.text2)
    )


def ribbon_boxes(spec: FigureSpec, geometry: Geometry) -> list[tuple[Box | None, Box | None]]:
    """The hatched and the solid part of each ribbon, cut to the view."""

    def part(start: float | None, end: float | None, row: float) -> Box | None:
        if start is None or end is None:
            return None
        left, right = max(geometry.x(start), geometry.left), min(geometry.x(end), geometry.right)
        top = row + 3.5 * geometry.scale
        return Box(left=left, right=right, top=top, bottom=top + 10 * geometry.scale) if right - left > 0.5 else None

    return [
        (part(r.last_good_day, r.first_day, row), part(r.first_day, r.confirmed_day, row))
        for r, row in zip(spec.ribbons, geometry.ribbon_rows, strict=True)
    ]


def paint_ribbons(painter: QPainter, spec: FigureSpec, geometry: Geometry, ink: Ink) -> None:
    """One row a finding: sign, rule, title and words on whichever side of the ribbon they fit."""
    g, s = geometry, geometry.scale
    taken: list[Box] = []
    for i, (ribbon, row, boxes) in enumerate(zip(spec.ribbons, g.ribbon_rows, ribbon_boxes(spec, g), strict=True)):
        colour = ribbon_colour(ribbon, ink)
        baseline = row + 12.5 * s
        paint_state(painter, ribbon.symbol, QRectF(MARGIN * s, row + 2 * s, 13 * s, 13 * s), ink)
        weight = STRONG if i == 0 else REGULAR
        ink.text(painter, 33 * s, baseline, ribbon.rule_id, pixels=11.5, colour=ink.palette.text, weight=STRONG)
        drawn = [box for box in boxes if box is not None]
        start = min((box.left for box in drawn), default=g.right)
        end = max((box.right for box in drawn), default=g.left)
        title_at = max(TITLE_AT * s, 33 * s + ink.width(ribbon.rule_id, 11.5, STRONG) + 7 * s)
        title_width = ink.width(ribbon.title, 11.5, weight)
        words_width = ink.width(ribbon.words, 11)
        room_left, room_right = start - 8 * s, g.right
        words_at = title_at + title_width + 8 * s
        if not drawn:
            # Words without days may be long; the first row keeps the place of the window's end free.
            limit = _window_words_start(spec, g, ink) if i == 0 else room_right
        elif title_at + title_width > room_left:
            title_at = end + 9 * s
            words_at = title_at + title_width + 8 * s
            limit = room_right
        elif words_at + words_width <= room_left or room_left - words_at >= room_right - end - 9 * s:
            limit = room_left
        else:
            words_at, limit = end + 9 * s, room_right
        title = ink.elided(ribbon.title, max(room_right - title_at, 40 * s), 11.5, weight)
        words = ink.elided(ribbon.words, limit - words_at, 11) if limit - words_at > 24 * s else ""
        for box, is_hatched in zip(boxes, (True, False), strict=True):
            if box is None:
                continue
            rect = QRectF(box.left, box.top, box.width, box.height)
            if is_hatched:
                hatch(painter, rect, colour, QColor(ink.palette.surface), pitch=5 * s, width=2.4 * s)
            else:
                painter.fillRect(rect, colour)
            painter.setPen(ink.pen(colour))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect)
        ink.text(painter, title_at, baseline, title, pixels=11.5, colour=ink.palette.text, weight=weight, halo=True)
        ink.text(painter, words_at, baseline, words, colour=ink.palette.text3, halo=True)
        taken.append(Box(left=0, right=title_at + title_width, top=row, bottom=row + 18 * s))
        taken.append(Box(left=words_at, right=words_at + ink.width(words, 11), top=row, bottom=row + 18 * s))
        taken.extend(drawn)
    _paint_window_end(painter, spec, g, ink, taken)


def _window_words_start(spec: FigureSpec, g: Geometry, ink: Ink) -> float:
    if spec.window_end is None or not g.shows(spec.window_end.day):
        return g.right
    return g.x(spec.window_end.day) - ink.width(spec.window_end.text, 10.5) - 14 * g.scale


def _paint_window_end(painter: QPainter, spec: FigureSpec, g: Geometry, ink: Ink, taken: list[Box]) -> None:
    """The end of the window, named in the first ribbon row that has room beside its line."""
    if spec.window_end is None or not g.shows(spec.window_end.day):
        return
    s, x = g.scale, g.x(spec.window_end.day)
    width = ink.width(spec.window_end.text, 10.5)
    best: tuple[float, float, float] | None = None
    for row in g.ribbon_rows or (0.0,):
        for left in (x - 5 * s - width, x + 5 * s):
            box = Box(left=left, right=left + width, top=row, bottom=row + 18 * s)
            cost = sum(box.overlap(other) for other in taken) + 1000 * max(0.0, box.right - g.width)
            if best is None or cost < best[0]:
                best = cost, left, row + 12.5 * s
    assert best is not None
    ink.text(painter, best[1], best[2], spec.window_end.text, pixels=10.5, halo=True)


def paint_state(painter: QPainter, symbol: RibbonSymbol, rect: QRectF, ink: Ink) -> None:
    """The sign of a finding's state, drawn on a grid of 16."""
    painter.save()
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16, rect.height() / 16)
    p = ink.palette
    no_pen, no_brush = Qt.PenStyle.NoPen, Qt.BrushStyle.NoBrush
    match symbol:
        case RibbonSymbol.MET | RibbonSymbol.NOT_MET:
            ink_colour = QColor(p.text2)
            if symbol is RibbonSymbol.MET:
                painter.setPen(no_pen)
                painter.setBrush(ink_colour)
                painter.drawEllipse(QPointF(8, 8), 7, 7)
                painter.setBrush(no_brush)
                painter.setPen(ink.pen(p.surface, 1.8))
                painter.drawPolyline(QPolygonF([QPointF(4.8, 8.2), QPointF(7.1, 10.5), QPointF(11.4, 5.8)]))
            else:
                painter.setPen(ink.pen(ink_colour, 1.5))
                painter.drawEllipse(QPointF(8, 8), 6.3, 6.3)
                painter.drawLine(QPointF(5.5, 5.5), QPointF(10.5, 10.5))
                painter.drawLine(QPointF(10.5, 5.5), QPointF(5.5, 10.5))
        case RibbonSymbol.UNCONFIRMED:
            half = QPainterPath(QPointF(8, 1.7))
            half.arcTo(QRectF(1.7, 1.7, 12.6, 12.6), 90, 180)
            half.closeSubpath()
            painter.fillPath(half, QColor(p.amber))
            painter.setPen(ink.pen(p.amber, 1.5))
            painter.drawEllipse(QPointF(8, 8), 6.3, 6.3)
        case RibbonSymbol.NOT_EVALUABLE:
            painter.setPen(ink.pen(p.text3, 1.5, (2.4, 1.9)))
            painter.drawEllipse(QPointF(8, 8), 6.3, 6.3)
            painter.setPen(ink.pen(p.text3, 1.5))
            painter.drawLine(QPointF(5.2, 10.8), QPointF(10.8, 5.2))
        case RibbonSymbol.CONFLICT:
            painter.setPen(ink.pen(p.purple, 1.5))
            painter.drawPolygon(QPolygonF([QPointF(8, 1), QPointF(15, 8), QPointF(8, 15), QPointF(1, 8)]))
            painter.drawPolyline(QPolygonF([QPointF(8.6, 5), QPointF(10.8, 6.6), QPointF(5, 6.6)]))
            painter.drawPolyline(QPolygonF([QPointF(7.4, 11), QPointF(5.2, 9.4), QPointF(11, 9.4)]))
        case RibbonSymbol.HELD:
            painter.setPen(no_pen)
            painter.setBrush(QColor(p.red))
            painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 2, 2)
            painter.setBrush(QColor(p.surface))
            painter.drawRect(QRectF(5, 4.6, 2, 6.8))
            painter.drawRect(QRectF(9, 4.6, 2, 6.8))
        case RibbonSymbol.FLAG:
            painter.setPen(ink.pen(p.amber, 1.6))
            painter.drawLine(QPointF(3, 1.5), QPointF(3, 15))
            painter.setPen(no_pen)
            painter.setBrush(QColor(p.amber))
            painter.drawPolygon(
                QPolygonF([QPointF(3, 2), QPointF(14, 2), QPointF(11.2, 5.9), QPointF(14, 9.8), QPointF(3, 9.8)])
            )
    painter.restore()


def paint_events(painter: QPainter, geometry: Geometry, ink: Ink) -> None:
    """The event lane: every event has a glyph and a word, in a row of its own where they would overlap."""
    g, s = geometry, geometry.scale
    if g.events_top is None:
        return
    ink.text(
        painter, MARGIN * s, g.events_top + 14 * s, tr("Events"), pixels=12, colour=ink.palette.text, weight=STRONG
    )
    for row in g.lanes:
        painter.setPen(ink.pen(ink.palette.grid))
        horizontal(painter, g.left, g.right, row.y)
        if row.is_first:
            ink.text(
                painter,
                g.left - 8 * s,
                row.y + 4 * s,
                lane_words(row.lane),
                colour=ink.palette.text3,
                anchor=Qt.AlignmentFlag.AlignRight,
            )
    for row in g.lanes:
        for event in row.events:
            _paint_event(painter, event, row.y, g, ink)


def _paint_event(painter: QPainter, event: EventMark, y: float, g: Geometry, ink: Ink) -> None:
    s = g.scale
    start, end = g.x(event.day), g.x(event.end_day if event.end_day is not None else event.day)
    if end < g.left - 4 or start > g.right + 4:
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour = QColor(ink.palette.text2)
    match event.glyph:
        case Glyph.INFUSION:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink.palette.text))
            _polygon(painter, [(start - 6.5 * s, y - 5 * s), (start + 6.5 * s, y - 5 * s), (start, y + 6 * s)])
        case Glyph.BAR | Glyph.HATCHED_BAR:
            _paint_bar(painter, event, (max(start, g.left), min(max(end, start + 3 * s), g.right)), y, g, ink)
        case Glyph.DIAMOND:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            r = 5.2 * s
            _polygon(painter, [(start, y - r), (start + r, y), (start, y + r), (start - r, y)])
        case Glyph.REMISSION | Glyph.DISEASE:
            painter.setPen(ink.pen(colour, 1.5 * s))
            painter.setBrush(QColor(ink.palette.surface))
            painter.drawEllipse(QPointF(start, y), 5.5 * s, 5.5 * s)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(ink.pen(colour, 1.4 * s))
            if event.glyph is Glyph.REMISSION:
                check = [(-2.6, 0.2), (-0.6, 2.2), (2.8, -1.8)]
                painter.drawPolyline(QPolygonF([QPointF(start + a * s, y + b * s) for a, b in check]))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawEllipse(QPointF(start, y), 2.8 * s, 2.8 * s)
        case Glyph.LAST_CONTACT:
            painter.setPen(ink.pen(colour, 1.5 * s))
            painter.drawLine(QPointF(start, y - 5 * s), QPointF(start, y + 5 * s))
        case Glyph.DEATH:
            painter.setPen(ink.pen(ink.palette.text, 1.8 * s))
            painter.drawLine(QPointF(start - 4.2 * s, y - 4.2 * s), QPointF(start + 4.2 * s, y + 4.2 * s))
            painter.drawLine(QPointF(start - 4.2 * s, y + 4.2 * s), QPointF(start + 4.2 * s, y - 4.2 * s))
        case Glyph.NONE:
            pass
    painter.setBrush(Qt.BrushStyle.NoBrush)
    is_infusion = event.glyph is Glyph.INFUSION
    tone = {Glyph.INFUSION: ink.palette.text, Glyph.NONE: ink.palette.text3}.get(event.glyph, ink.palette.text2)
    text_at = LaneRuler(x=g.x, text_width=ink.width, left=g.left, right=g.width - 4 * s, scale=s).extent(event).text_at
    weight = MEDIUM if is_infusion else REGULAR
    ink.text(painter, text_at, y + 4 * s, event.label, colour=tone, weight=weight, halo=True)


def _polygon(painter: QPainter, points: list[tuple[float, float]]) -> None:
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _paint_bar(painter: QPainter, event: EventMark, ends: tuple[float, float], y: float, g: Geometry, ink: Ink) -> None:
    """A bar from start to end; no arrow, for nothing on record says that a drug goes on."""
    s, (left, right) = g.scale, ends
    colour = QColor(ink.palette.text2)
    rect = QRectF(left, y - 4.5 * s, max(right - left, 3 * s), 9 * s)
    if event.glyph is Glyph.HATCHED_BAR:
        hatch(painter, rect, colour, QColor(ink.palette.surface), pitch=5 * s, width=2.4 * s)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ink.pen(colour))
        painter.drawRect(rect)
    else:
        painter.fillRect(rect, colour)
