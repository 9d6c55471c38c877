"""The patient list: heading, filter, order, and one painted row a patient, however many there are."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QActionGroup, QColor, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from labmon_ui.actions import Command, with_shortcut
from labmon_ui.pages.patients.rows import ListRow, Order
from labmon_ui.palette import Tone
from labmon_ui.plotting.sparkline import paint_sparkline
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.focus_ring import RING_ON_PARENT
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import Ground
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import IconView
from labmon_ui.widgets.state_symbol import paint_state

_ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ROW_HEIGHT = 58
_SPARKLINE = (92, 26)
_LARGE = 125
"""Per cent of the designed text size from which on a row of the heading is too short for all of it."""
Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class PatientModel(QAbstractListModel):
    """A list model over a tuple of rows; `data` only looks up."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[ListRow, ...] = ()
        self._numbers: dict[str, int] = {}

    @property
    def rows(self) -> tuple[ListRow, ...]:
        return self._rows

    def set_rows(self, rows: tuple[ListRow, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self._numbers = {row.patient_code: number for number, row in enumerate(rows)}
        self.endResetModel()

    def number_of(self, patient_code: str) -> int | None:
        return self._numbers.get(patient_code)

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        match role:
            case _ if role == _ROW_ROLE:
                return row
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                day = "" if row.day is None else tr("day {day}", day=row.day)
                return ", ".join(part for part in (row.patient_code, row.product, day, row.words) if part)
            case Qt.ItemDataRole.ToolTipRole:
                return row.sentence or None
        return None


class _RowDelegate(QStyledItemDelegate):
    """Paints a row: code, product and day above; sparkline and the leading finding below."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, self._look.theme.px(_ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(_ROW_ROLE)
        if not isinstance(row, ListRow):
            return
        theme = self._look.theme
        palette, px = theme.palette, theme.px
        rect = QRectF(option.rect)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_selected:
            painter.fillRect(rect, QColor(palette.selected))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(palette.sunken if palette.is_dark else palette.window))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), QColor(palette.line))
        if is_selected:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(palette.accent))
        left, right = rect.left() + px(14), rect.right() - px(12)
        self._paint_upper(painter, left, right, rect.top() + px(21), row, is_selected)
        width, height = px(_SPARKLINE[0]), px(_SPARKLINE[1])
        spark = QRectF(
            left,
            rect.top() + px(27),
            min(width, (right - left) * (0.4 if theme.text_scale <= _LARGE else 0.28)),
            height,
        )
        paint_sparkline(painter, spark, row.points, palette, row.limit)
        self._paint_finding(painter, spark.right() + px(8), right, spark.center().y(), row, is_selected)
        painter.restore()

    def _paint_upper(
        self, painter: QPainter, left: float, right: float, base: float, row: ListRow, is_selected: bool
    ) -> None:
        theme = self._look.theme
        small, strong = theme.font(TextSize.SMALL), theme.font(TextSize.BODY, Weight.STRONG)
        metrics = QFontMetricsF(strong)
        # The code is whole before anything else: the word "day" gives way, then the product, then the code's middle.
        room = right - left - theme.px(8) - metrics.horizontalAdvance(row.patient_code)
        day = "" if row.day is None else tr("day {day}", day=row.day)
        day_width = QFontMetricsF(small).horizontalAdvance(day)
        if row.day is not None and day_width > room:
            day = str(row.day)
            day_width = QFontMetricsF(small).horizontalAdvance(day)
        painter.setFont(small)
        painter.setPen(theme.colour(Tone.TEXT2))
        painter.drawText(QPointF(right - day_width, base), day)
        right -= day_width + theme.px(8)
        code = metrics.elidedText(row.patient_code, Qt.TextElideMode.ElideMiddle, right - left)
        painter.setFont(strong)
        painter.setPen(theme.colour(Tone.TEXT))
        painter.drawText(QPointF(left, base), code)
        left += metrics.horizontalAdvance(code) + theme.px(8)
        tiny = theme.font(TextSize.TINY)
        painter.setFont(tiny)
        painter.setPen(theme.colour(Tone.TEXT2 if is_selected else Tone.TEXT3))
        painter.drawText(
            QPointF(left, base),
            QFontMetricsF(tiny).elidedText(row.product, Qt.TextElideMode.ElideRight, max(right - left, 0)),
        )

    def _paint_finding(
        self, painter: QPainter, left: float, right: float, middle: float, row: ListRow, is_selected: bool
    ) -> None:
        theme = self._look.theme
        font = theme.font(TextSize.TINY)
        metrics = QFontMetricsF(font)
        side, gap = theme.px(12), theme.px(5)
        mark = side + gap if row.symbol is not None else 0
        words = metrics.elidedText(row.words, Qt.TextElideMode.ElideRight, right - left - mark + 1)
        start = right - metrics.horizontalAdvance(words)
        if row.symbol is not None:
            square = QRectF(round(start - mark), round(middle - side / 2), side, side)
            paint_state(painter, square, row.symbol, theme.palette)
        painter.setFont(font)
        painter.setPen(theme.colour(Tone.TEXT if is_selected else row.tone))
        painter.drawText(QPointF(start, middle + metrics.capHeight() / 2), words)


class _List(QListView):
    """Up and Down move the selection; Left and Right do nothing, so that they stay free for the timeline."""

    activated_by_key = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated_by_key.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.viewport().update()


class PatientList(Ground):
    """256 px wide at 100 %. Emits what the person wants; the presenter decides which rows are shown."""

    patient_chosen = Signal(str)
    filter_changed = Signal(str)
    order_chosen = Signal(object)
    """An Order."""
    add_requested = Signal()
    timeline_wanted = Signal()
    """Enter on a row: the focus goes to the timeline."""

    def __init__(self, look: Look) -> None:
        super().__init__("surface", edge="right")
        self._look = look
        self._is_quiet = False
        self.model = PatientModel()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 1, 0)
        column.setSpacing(0)
        head = QWidget()
        rows = QVBoxLayout(head)
        px = look.theme.px
        rows.setContentsMargins(px(14), px(9), px(12), px(8))
        rows.setSpacing(px(7))
        title = QHBoxLayout()
        title.setSpacing(px(6))
        title.addWidget(Label(tr("Patients"), size=TextSize.TITLE, weight=Weight.STRONG))
        self._count = ElidedLabel(size=TextSize.SMALL, tone=Tone.TEXT3)
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        title.addWidget(self._count, 1)
        self._title = title
        self.add_button = Button(look, icon="user-plus", tooltip=tr("Add a patient…"))
        self.add_button.clicked.connect(self.add_requested)
        title.addWidget(self.add_button)
        rows.addLayout(title)
        rows.addLayout(self._make_tools())
        self._head = rows
        column.addWidget(head)
        self.view = self._make_view()
        self._nothing = Label(tone=Tone.TEXT3, wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._nothing.setContentsMargins(px(16), px(24), px(16), 0)
        below = QFrame()
        below.setProperty("edge", "top")
        self._stack = QStackedLayout(below)
        self._stack.setContentsMargins(0, 1, 0, 0)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._nothing)
        column.addWidget(below, 1)
        self.setFocusProxy(self.view)
        look.theme.changed.connect(self._place_count)
        self._place_count()

    @Slot()
    def _place_count(self) -> None:
        """Beside the title; below the filter where large text leaves no room."""
        is_large = self._look.theme.text_scale > _LARGE
        self._title.removeWidget(self._count)
        self._head.removeWidget(self._count)
        side = Qt.AlignmentFlag.AlignLeft if is_large else Qt.AlignmentFlag.AlignRight
        self._count.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        if is_large:
            self._head.addWidget(self._count)
            self._title.setStretch(0, 1)
        else:
            self._title.insertWidget(1, self._count, 1)
            self._title.setStretch(0, 0)

    @property
    def current(self) -> str | None:
        """The code of the selected patient, when it is among those shown."""
        index = self.view.currentIndex()
        return self.model.rows[index.row()].patient_code if index.isValid() else None

    def show_rows(self, rows: tuple[ListRow, ...], total: int, selected: str | None) -> None:
        """Show these; `selected` stays selected where it is among them, without a signal."""
        self._is_quiet = True
        self.model.set_rows(rows)
        self._count.setText(tr("{n} of {all} shown", n=len(rows), all=total))
        self._stack.setCurrentIndex(0 if rows else 1)
        self._nothing.setText(tr("No patient matches “{words}”.", words=self.filter.text().strip()))
        if selected is not None:
            self.select(selected)
        self._is_quiet = False

    def select(self, patient_code: str) -> bool:
        """Select a patient and scroll to it, without a signal; False when the filter hides it."""
        number = self.model.number_of(patient_code)
        if number is None:
            return False
        was_quiet, self._is_quiet = self._is_quiet, True
        index = self.model.index(number)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)
        self._is_quiet = was_quiet
        return True

    @Slot()
    def previous(self) -> None:
        self.step(-1)

    @Slot()
    def next(self) -> None:
        self.step(1)

    def step(self, rows: int) -> None:
        """Choose the patient so many rows below."""
        if not self.model.rows:
            return
        current = self.view.currentIndex()
        number = min(max(current.row() + rows if current.isValid() else 0, 0), len(self.model.rows) - 1)
        self.view.setCurrentIndex(self.model.index(number))

    def _make_tools(self) -> QHBoxLayout:
        look, px = self._look, self._look.theme.px
        tools = QHBoxLayout()
        tools.setSpacing(px(6))
        field = QFrame()
        field.setProperty("search", True)
        inside = QHBoxLayout(field)
        inside.setContentsMargins(px(8), 0, px(4), 0)
        inside.setSpacing(px(6))
        inside.addWidget(IconView(look, "funnel", tone=Tone.TEXT2))
        self.filter = QLineEdit()
        self.filter.setProperty(RING_ON_PARENT, True)
        self.filter.setClearButtonEnabled(True)
        self.filter.setPlaceholderText(tr("Product, state, code"))
        self.filter.setAccessibleName(tr("Filter the patients"))
        self.filter.setToolTip(with_shortcut(tr("Filter the patients"), Command.FILTER))
        self.filter.textChanged.connect(self.filter_changed)
        self.filter.installEventFilter(self)
        inside.addWidget(self.filter, 1)
        tools.addWidget(field, 1)
        self._order = Button(look, icon="sort-ascending", tooltip=tr("Order of the patients"))
        self._order.setMenu(self._order_menu())
        tools.addWidget(self._order)
        return tools

    def _order_menu(self) -> QMenu:
        menu = QMenu(self)
        self._orders = QActionGroup(menu)
        for order in Order:
            action = QAction(order.words, menu)
            action.setCheckable(True)
            action.setChecked(order is Order.GRAVEST)
            action.setData(order.value)
            self._orders.addAction(action)
            menu.addAction(action)
        self._orders.triggered.connect(self._choose_order)
        return menu

    def _make_view(self) -> QListView:
        view = _List()
        view.setModel(self.model)
        view.setItemDelegate(_RowDelegate(self._look, view))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(tr("Patients"))
        view.selectionModel().currentChanged.connect(self._tell_current)
        view.activated_by_key.connect(self.timeline_wanted)
        self._look.theme.changed.connect(view.doItemsLayout)
        return view

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        # From the filter, Down and Enter lead into the list; Escape empties the filter first.
        if watched is self.filter and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            match event.key():
                case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
                    if not self.view.currentIndex().isValid():
                        self.step(0)
                    return True
                case Qt.Key.Key_Escape if self.filter.text():
                    self.filter.clear()
                    return True
        return super().eventFilter(watched, event)

    @Slot()
    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    @Slot(QModelIndex, QModelIndex)
    def _tell_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and not self._is_quiet:
            self.patient_chosen.emit(self.model.rows[current.row()].patient_code)

    @Slot(QAction)
    def _choose_order(self, action: QAction) -> None:
        self.order_chosen.emit(Order(action.data()))
