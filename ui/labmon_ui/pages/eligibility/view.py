"""The Eligibility page's widgets and their places: matrix with heading and key, and the explanation beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from labmon_ui.pages.eligibility.matrix import Matrix
from labmon_ui.pages.eligibility.model import Order
from labmon_ui.pages.eligibility.panel import ExplanationPanel
from labmon_ui.pages.eligibility.state_key import StateKey
from labmon_ui.texts import Message, tr
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.layout import Ground, PageHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.segmented import Segment, Segmented
from labmon_ui.widgets.state_page import StateStack

_PANEL_WIDTH = 420
_PANEL_SHARE = 0.38
"""Of a small window or a large text the panel takes no more than this."""


class EligibilityView(QWidget):
    """Emits what the person wants; shows what the presenter decides."""

    shown_chosen = Signal(str)
    order_chosen = Signal(object)
    """An Order."""
    bench_requested = Signal()
    state_action_triggered = Signal()
    """The one action of what stands in place of the matrix."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PageHeader(look, tr("Eligibility"))
        self.filter = Segmented(look)
        self.filter.chosen.connect(self.shown_chosen)
        self.header.add_action(self.filter)
        self.order = Button(look, Order.READY_FIRST.words, icon="sort-ascending", tooltip=tr("Order of the patients"))
        self.order.setMenu(self._make_order_menu())
        self.header.add_action(self.order)
        self.bench = Button(
            look,
            tr("Rule bench…"),
            icon="flask",
            tooltip=tr("Move a number of the protocol and see who would change state; nothing is written"),
        )
        self.bench.clicked.connect(self.bench_requested)
        self.header.add_action(self.bench)
        self.matrix = Matrix(look)
        self.matrix.explanation_wanted.connect(self._go_to_panel)
        self._key = StateKey(look)
        full = QWidget()
        rows = QVBoxLayout(full)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.matrix, 1)
        rows.addWidget(self._key)
        self.stack = StateStack(look, full)
        self.stack.action_triggered.connect(self.state_action_triggered)
        self.panel = ExplanationPanel(look)
        self.panel.left.connect(self._go_to_matrix)
        self._bar = QWidget()
        self._bar_row = QHBoxLayout(self._bar)
        self._bar_row.addWidget(self.header)
        left = Ground("surface")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left, 1)
        row.addWidget(self.panel)
        self.panel.hide()
        self.setFocusProxy(self.matrix)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def show_summary(self, detail: str, segments: tuple[Segment, ...], order: Order) -> None:
        """What is shown of how much, the filters with their counts, and the order."""
        self.header.set_detail(detail)
        self.filter.set_segments(segments)
        self.filter.setVisible(bool(segments))
        self.order.setVisible(bool(segments))
        self.bench.setVisible(bool(segments))
        self.order.setText(order.words)
        for action in self.order.menu().actions():
            action.setChecked(action.data() is order)

    def show_matrix(self) -> None:
        self.stack.show_content()
        self.panel.show()

    def show_empty(self, title: str, detail: str, *, action: str = "") -> None:
        self.panel.hide()
        self.stack.show_empty(title, detail, action=action, icon="grid-four")

    def show_loading(self, text: str) -> None:
        self.panel.hide()
        self.stack.show_loading(text)

    def show_failed(self, message: Message, *, action: str) -> None:
        self.panel.hide()
        self.stack.show_failed(message, action=action)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _make_order_menu(self) -> QMenu:
        menu = QMenu(self)
        for order in Order:
            action = QAction(order.words, menu)
            action.setCheckable(True)
            action.setData(order)
            menu.addAction(action)
        menu.triggered.connect(self._order_triggered)
        return menu

    @Slot(QAction)
    def _order_triggered(self, action: QAction) -> None:
        self.order_chosen.emit(Order(action.data()))

    @Slot()
    def _go_to_panel(self) -> None:
        self.panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _go_to_matrix(self) -> None:
        self.matrix.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _rescale(self) -> None:
        px = self.look.theme.px
        self._bar_row.setContentsMargins(px(16), px(14), px(12), px(14))
        self._fit()

    def _fit(self) -> None:
        self.panel.setFixedWidth(min(self.look.theme.px(_PANEL_WIDTH), round(self.width() * _PANEL_SHARE)))
