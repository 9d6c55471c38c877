"""The timeline on the screen: draws a `FigureSpec` and answers mouse and keyboard.

Lines and marks are pyqtgraph's; words, axes and bands are painted by layers below and above them in the same pixels.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from labmon.domain import wording
from labmon.reports.figures import FigureSpec, Mark, MarkPlace, Ribbon, Series
from labmon_ui.palette import Palette
from labmon_ui.plotting import frame, labelling, lanes, overlay
from labmon_ui.plotting.geometry import AXIS_ROW, Box, Geometry, PanelBox, View, lay_out, minimum_height
from labmon_ui.plotting.ink import Ink
from labmon_ui.plotting.labels import PlacedLabel
from labmon_ui.plotting.panel_items import PanelItems
from labmon_ui.texts import tr

SNAP = 16.0
"""Pixels from a sample day within which the cursor stands on it."""
HIT = 9.0
DRAG = 4.0
LEAST_SPAN = 3.0
"""Axis units the closest zoom still shows."""


class _Layer(QGraphicsItem):
    """A sheet as large as the figure, painted by one function."""

    def __init__(self, paint: Callable[[QPainter], None], z: float) -> None:
        super().__init__()
        self._paint = paint
        self._rect = QRectF()
        self.setZValue(z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def resize(self, width: float, height: float) -> None:
        self.prepareGeometryChange()
        self._rect = QRectF(0, 0, width, height)

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self._paint(painter)


class TimelineCanvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph is untyped
    """One patient's figure with a cursor over all panels.

    Wheel zooms the days, dragging moves them, a double click shows all again. Arrow keys walk through the marks.
    """

    mark_selected = Signal(str)
    mark_activated = Signal(str)
    finding_selected = Signal(str)
    view_changed = Signal(str)
    """Carries the sentence about what is left out, empty when everything is shown."""

    def __init__(self, palette: Palette, parent: QWidget | None = None, *, text_scale: float = 1.0) -> None:
        super().__init__(parent=parent, background=palette.surface)
        self._ink = Ink(palette, text_scale)
        self._spec: FigureSpec | None = None
        self._geometry: Geometry | None = None
        self._view: View | None = None
        self._labels: list[PlacedLabel] = []
        self._panels: list[PanelItems] = []
        self._is_stale = False
        self._selected: str | None = None
        self._hover_day: float | None = None
        self._pressed: QPointF | None = None
        self._pressed_view: View | None = None
        self._is_dragging = False
        self._back = _Layer(self._paint_back, -10)
        self._ring = _Layer(self._paint_ring, -5)
        self._front = _Layer(self._paint_front, 10)
        self._cursor = _Layer(self._paint_cursor, 20)
        for layer in self._layers:
            self.scene().addItem(layer)
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Timeline"))

    @property
    def _layers(self) -> tuple[_Layer, ...]:
        return self._back, self._ring, self._front, self._cursor

    # What is shown

    @property
    def spec(self) -> FigureSpec | None:
        return self._spec

    @property
    def surface_colour(self) -> QColor:
        """The ground the figure is drawn on."""
        return QColor(self._ink.palette.surface)

    @property
    def layout_geometry(self) -> Geometry | None:
        """Where everything stands at this size and zoom; None without a figure."""
        return self._geometry

    def set_spec(self, spec: FigureSpec | None) -> None:
        """Shows another figure whole, without selection."""
        self._spec = spec
        self._view = None
        self._hover_day = None
        self._selected = None
        self._lay_out_once()
        self.view_changed.emit(self.reduction())

    def refresh_spec(self, spec: FigureSpec) -> None:
        """Replaces the figure of the same patient: zoom stays, and the selection if its mark still exists."""
        self._spec = spec
        if self._mark(self._selected) is None:
            self._selected = None
        self._lay_out_once()

    def set_colours(self, palette: Palette, text_scale: float = 1.0) -> None:
        """Draws the same figure in another palette or size of text."""
        self._ink = Ink(palette, text_scale)
        self.setBackground(palette.surface)
        self._update_minimum()
        self._relayout()

    def select(self, ref: str | None) -> None:
        """Rings a mark and lets the cursor rest on its day; emits `mark_selected` when it is another one."""
        found = self._mark(ref)
        selected = ref if found is not None else None
        if selected == self._selected:
            return
        self._selected = selected
        if found is not None and selected is not None:
            self._reveal(found.day)
            self.setAccessibleDescription(f"{wording.day(found.study_day)}: {found.text}")
            self.mark_selected.emit(selected)
        self._update_cursor()

    @property
    def selected(self) -> str | None:
        return self._selected

    def show_cursor(self, day: float | None) -> None:
        """Puts the cursor on a day, as hovering does; None lets it rest on the selection."""
        if day != self._hover_day:
            self._hover_day = day
            self._update_cursor()

    @property
    def cursor_day(self) -> float | None:
        """The day the readouts speak of."""
        if self._hover_day is not None:
            return self._hover_day
        mark = self._mark(self._selected)
        return mark.day if mark is not None else None

    def reset_view(self) -> None:
        """Shows all days."""
        self._set_view(None)

    def show_days(self, first: float, last: float) -> None:
        """Zooms to some days."""
        if self._geometry is not None:
            self._set_view(View(self._geometry.days.unit(first), self._geometry.days.unit(last)))

    def reduction(self) -> str:
        """What is not shown and how to see it; empty when the whole figure is shown."""
        spec, g = self._spec, self._geometry
        if spec is None or g is None:
            return ""
        return " · ".join([*([zoomed] if (zoomed := self._zoomed()) else []), *spec.omissions])

    def _zoomed(self) -> str:
        """Which days are shown when not all are, and how many marks lie outside."""
        spec, g = self._spec, self._geometry
        if spec is not None and g is not None and g.is_zoomed:
            marks = [mark for _, _, mark in spec.marks() if mark.place is not MarkPlace.READOUT_ONLY]
            outside = sum(not g.shows(mark.day) for mark in marks)
            first, last = frame.day_text(round(g.day_at(g.left))), frame.day_text(round(g.day_at(g.right)))
            return tr(
                "days {first} to {last}, {outside} of {total} marks outside; double-click shows all",
                first=first,
                last=last,
                outside=outside,
                total=len(marks),
            )
        return ""

    def mark_position(self, ref: str) -> QPointF | None:
        """The middle of a mark in figure pixels; None when it is not drawn."""
        if self._geometry is None:
            return None
        for box in self._geometry.panels:
            for _, mark in box.panel.marks():
                if mark.ref == ref:
                    return self._position(box, mark)
        return None

    def _position(self, box: PanelBox, mark: Mark) -> QPointF | None:
        assert self._geometry is not None  # callers hold a laid out figure
        x = self._geometry.x(mark.day) + labelling.dodge(box, self._geometry).get(mark.ref, 0.0)
        if mark.place is MarkPlace.AXIS and mark.height is not None:
            return QPointF(x, box.y(mark.height))
        if mark.place is MarkPlace.RUG and box.rug is not None:
            return QPointF(x, (box.rug.top + box.rug.bottom) / 2)
        return None

    # Laying out

    def _key_rows(self, width: float) -> int:
        return frame.foot_rows(self._spec, self._ink, width) if self._spec is not None else 1

    def _text_width(self, text: str, pixels: float) -> float:
        return self._ink.width(text, pixels)

    def _update_minimum(self) -> None:
        if self._spec is None:
            self.setMinimumHeight(0)
            return
        width = max(self.width(), 320)
        self.setMinimumHeight(
            int(minimum_height(self._spec, width, self._key_rows(width), self._text_width, self._ink.scale))
        )

    def _lay_out_once(self) -> None:
        """Another figure may ask for another height: that is settled first, else everything would be laid out twice."""
        self._is_stale = True
        self._update_minimum()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        if self._is_stale:
            self._relayout()

    def _relayout(self) -> None:
        self._is_stale = False
        width, height = float(self.width()), float(self.height())
        for layer in self._layers:
            layer.resize(width, height)
        if self._spec is None:
            self._geometry = None
            for items in self._panels:
                items.view.hide()
            self._update_all()
            return
        self._geometry = lay_out(
            self._spec,
            width=width,
            height=height,
            view=self._view,
            key_rows=self._key_rows(width),
            text_width=self._text_width,
            scale=self._ink.scale,
        )
        while len(self._panels) < len(self._geometry.panels):
            self._panels.append(PanelItems(self.scene()))
        self._labels = []
        for i, (items, box) in enumerate(zip(self._panels, self._geometry.panels, strict=False)):
            items.fill(box, self._geometry, self._ink)
            today = self._spec.today if i == 0 else None
            self._labels += labelling.panel_labels(box, self._geometry, self._ink, today)
        for items in self._panels[len(self._geometry.panels) :]:
            items.view.hide()
        # pyqtgraph would set its views' transforms while painting, and every figure would be painted twice.
        self.scene().prepareForPaint()
        self._update_all()

    def _update_all(self) -> None:
        for layer in self._layers:
            layer.update()

    def _update_cursor(self) -> None:
        self._ring.update()
        self._cursor.update()

    def _set_view(self, view: View | None) -> None:
        g = self._geometry
        if g is None:
            return
        if view is not None:
            span = min(max(view.span, LEAST_SPAN), g.home.span)
            low = min(max(view.low, g.home.low), g.home.high - span)
            view = View(low, low + span) if span < g.home.span - 1e-9 else None
        if view != self._view:
            self._view = view
            self._relayout()
            self.view_changed.emit(self.reduction())

    def _reveal(self, day: float) -> None:
        g = self._geometry
        if g is not None and not g.shows(day):
            middle = g.days.unit(day)
            self._set_view(View(middle - g.view.span / 2, middle + g.view.span / 2))

    # Painting

    def _paint_back(self, painter: QPainter) -> None:
        spec, g = self._spec, self._geometry
        if spec is None or g is None:
            return
        frame.paint_paper(painter, spec, g, self._ink)
        for box in g.panels:
            frame.paint_panel(painter, box, g, self._ink)
            frame.paint_heading(painter, box, g, self._ink)
        frame.paint_day_axis(painter, spec, g, self._ink)
        frame.paint_key(painter, spec, g, self._ink, overlay.reduction_start(g, self._ink, self._zoomed()))
        lanes.paint_ribbons(painter, spec, g, self._ink)
        lanes.paint_events(painter, g, self._ink)

    def _paint_ring(self, painter: QPainter) -> None:
        if self._selected is None or self._geometry is None:
            return
        position = self.mark_position(self._selected)
        if position is not None and self._geometry.left - 4 <= position.x() <= self._geometry.right + 4:
            overlay.paint_ring(painter, position.x(), position.y(), self._geometry, self._ink)

    def _paint_front(self, painter: QPainter) -> None:
        g = self._geometry
        if g is None:
            return
        for box in g.panels:
            if box.rug is not None:
                for series, mark in box.panel.marks():
                    if mark.place is MarkPlace.RUG and g.shows(mark.day):
                        self._paint_rug(painter, g.x(mark.day), box.rug, series, mark)
        for placed in self._labels:
            self._paint_label(painter, placed)

    def _paint_rug(self, painter: QPainter, x: float, strip: Box, series: Series, mark: Mark) -> None:
        """A stroke in the strip; hollow when held, in grey when excluded."""
        scale = self._ink.scale
        colour = self._ink.colour(self._ink.palette.text3) if mark.is_excluded else self._ink.series(series.key)
        stroke = QRectF(x - scale, strip.top + 1, 2 * scale, strip.height - 2)
        if mark.is_held:
            painter.fillRect(stroke.adjusted(-scale, 0, scale, 0), colour)
            painter.fillRect(stroke.adjusted(0, scale, 0, -scale), self.surface_colour)
        else:
            painter.fillRect(stroke, colour)

    def _paint_label(self, painter: QPainter, placed: PlacedLabel) -> None:
        label, scale = placed.label, self._ink.scale
        y = placed.box.top
        for line in label.lines:
            height = max(run.pixels for run in line) * labelling.LINE_HEIGHT * scale
            x = placed.box.left
            if label.is_centred:
                x += (label.width - sum(self._ink.width(run.text, run.pixels, run.weight) for run in line)) / 2
            for run in line:
                x += self._ink.text(
                    painter,
                    x,
                    y + height * 0.8 + run.drop * scale,
                    run.text,
                    pixels=run.pixels,
                    weight=run.weight,
                    colour=label.colour,
                    halo=True,
                )
            y += height

    def _paint_cursor(self, painter: QPainter) -> None:
        spec, g = self._spec, self._geometry
        if spec is None or g is None:
            return
        overlay.paint_reduction(painter, g, self._ink, self._zoomed())
        day = self.cursor_day
        if day is None or not g.left - 1 <= g.x(day) <= g.right + 1:
            frame.paint_day_texts(painter, g, self._ink, None)
            return
        frame.paint_day_texts(painter, g, self._ink, overlay.bubble_ends(spec, g, self._ink, day))
        overlay.paint_cursor(painter, spec, g, self._ink, day)

    # Mouse and keyboard

    def _mark(self, ref: str | None) -> Mark | None:
        if self._spec is None or ref is None:
            return None
        return next((mark for _, _, mark in self._spec.marks() if mark.ref == ref), None)

    def mark_at(self, position: QPointF) -> str | None:
        """The mark under a pixel, the nearest when several are."""
        g = self._geometry
        if g is None:
            return None
        best: tuple[float, str] | None = None
        for box in g.panels:
            for _, mark in box.panel.marks():
                where = self._position(box, mark)
                if where is None or not g.shows(mark.day):
                    continue
                offset = where - position
                distance = (offset.x() ** 2 + offset.y() ** 2) ** 0.5
                if distance <= HIT * g.scale and (best is None or distance < best[0]):
                    best = distance, mark.ref
        return best[1] if best else None

    def _day_near(self, position: QPointF) -> float | None:
        g, spec = self._geometry, self._spec
        if g is None or spec is None or not g.left - 8 <= position.x() <= g.right + 8:
            return None
        if not g.panels_top <= position.y() <= g.axis_y + AXIS_ROW * g.scale:
            return None
        touched = self._mark(self.mark_at(position))
        if touched is not None:
            return touched.day
        days = [day for day in spec.sample_days() if g.shows(day)]
        nearest = min(days, key=lambda day: abs(g.x(day) - position.x()), default=None)
        if nearest is not None and abs(g.x(nearest) - position.x()) <= SNAP * g.scale:
            return nearest
        return float(round(g.day_at(min(max(position.x(), g.left), g.right))))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if self._pressed is not None and self._pressed_view is not None and self._geometry is not None:
            moved = position.x() - self._pressed.x()
            if self._is_dragging or abs(moved) > DRAG:
                self._is_dragging = True
                shift = moved * self._geometry.units_per_pixel
                self._set_view(View(self._pressed_view.low - shift, self._pressed_view.high - shift))
                return
        self.show_cursor(self._day_near(position))
        ribbon = self._ribbon_at(position)
        self.viewport().setToolTip(ribbon.sentence if ribbon is not None else "")
        is_on_something = ribbon is not None or self.mark_at(position) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_on_something else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._geometry is not None:
            self._pressed = event.position()
            self._pressed_view = self._geometry.view
            self._is_dragging = False
            event.accept()
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            event.ignore()
            return
        was_dragging, self._pressed, self._is_dragging = self._is_dragging, None, False
        if was_dragging:
            return
        ref = self.mark_at(event.position())
        if ref is not None:
            self.select(ref)
            return
        ribbon = self._ribbon_at(event.position())
        if ribbon is not None:
            self.finding_selected.emit(ribbon.ref)

    def _ribbon_at(self, position: QPointF) -> Ribbon | None:
        spec, g = self._spec, self._geometry
        if spec is None or g is None:
            return None
        for ribbon, row in zip(spec.ribbons, g.ribbon_rows, strict=True):
            if row <= position.y() < row + lanes.ROW * g.scale:
                return ribbon
        return None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        ref = self.mark_at(event.position())
        if ref is not None:
            self.mark_activated.emit(ref)
        else:
            self.reset_view()

    def wheelEvent(self, event: QWheelEvent) -> None:
        g = self._geometry
        if g is None:
            event.ignore()
            return
        turned, sideways = event.angleDelta().y(), event.angleDelta().x()
        if abs(sideways) > abs(turned):
            shift = -sideways / 120 * g.view.span * 0.1
            self._set_view(View(g.view.low + shift, g.view.high + shift))
        elif turned:
            self._zoom(0.8 ** (turned / 120), event.position().x())
        self.show_cursor(self._day_near(event.position()))
        event.accept()

    def _zoom(self, factor: float, at: float) -> None:
        g = self._geometry
        if g is None:
            return
        part = min(max((at - g.left) / (g.right - g.left), 0.0), 1.0)
        pivot = g.view.low + part * g.view.span
        span = min(max(g.view.span * factor, LEAST_SPAN), g.home.span)
        self._set_view(View(pivot - part * span, pivot + (1 - part) * span))

    def enterEvent(self, event: QEnterEvent) -> None:
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.show_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        g = self._geometry
        if g is None:
            event.ignore()
            return
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                self._step(-1 if event.key() == Qt.Key.Key_Left else 1)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                self._change_panel(-1 if event.key() == Qt.Key.Key_Up else 1)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal | Qt.Key.Key_Minus:
                day = self.cursor_day
                at = g.x(day) if day is not None else (g.left + g.right) / 2
                self._zoom(1.25 if event.key() == Qt.Key.Key_Minus else 0.8, at)
            case Qt.Key.Key_0:
                self.reset_view()
            case Qt.Key.Key_Escape if self._selected is not None:
                self.select(None)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._selected is not None:
                self.mark_activated.emit(self._selected)
            case _:
                event.ignore()
                return
        event.accept()

    def _walk(self) -> list[list[Mark]]:
        """The drawn marks of each panel by day, the order the arrow keys follow."""
        if self._geometry is None:
            return []
        panels = []
        for box in self._geometry.panels:
            drawn = [mark for _, mark in box.panel.marks() if mark.place is not MarkPlace.READOUT_ONLY]
            if drawn:
                panels.append(sorted(drawn, key=lambda mark: mark.day))
        return panels

    def _step(self, direction: int) -> None:
        panels = self._walk()
        if not panels:
            return
        for marks in panels:
            refs = [mark.ref for mark in marks]
            if self._selected in refs:
                i = min(max(refs.index(self._selected) + direction, 0), len(refs) - 1)
                self._hover_day = None
                self.select(refs[i])
                return
        first = panels[0]
        self.select(first[0].ref if direction > 0 else first[-1].ref)

    def _change_panel(self, direction: int) -> None:
        panels = self._walk()
        current = self._mark(self._selected)
        if current is None:
            self._step(1)
            return
        here = next(i for i, marks in enumerate(panels) if current in marks)
        target = panels[min(max(here + direction, 0), len(panels) - 1)]
        if current in target:
            return
        days = [mark.day for mark in target]
        i = bisect.bisect_left(days, current.day)
        near = min((j for j in (i - 1, i) if 0 <= j < len(days)), key=lambda j: abs(days[j] - current.day))
        self._hover_day = None
        self.select(target[near].ref)

    def close(self) -> bool:
        """Closes as any widget does: pyqtgraph's own `close` clears a scene Python still holds and crashes."""
        return QGraphicsView.close(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The base class resizes once while it is being built.
        if hasattr(self, "_cursor"):
            self._update_minimum()
            self._relayout()
