"""The heading over the timeline: who this is, the flag, the course in one line, and the commands of the figure."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from labmon_ui.actions import Command
from labmon_ui.pages.patients.course import CourseFacts, Flag
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import Ground
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import paint_state

_ANYWHERE = Qt.AlignmentFlag(0)
EXPORTS = ("png", "svg", "pdf", "xlsx", "copy")


class FlagPill(QAbstractButton):
    """The flag in words; a click shows why. It is cut where there is no room, and says the whole as its tooltip."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._flag: Flag | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)
        self.hide()

    def show_flag(self, flag: Flag | None) -> None:
        self._flag = flag
        self.setVisible(flag is not None)
        words = flag.text if flag is not None else ""
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(tr("{flag}. Show why.", flag=words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = self._look.theme.px
        words = QFontMetrics(self._font()).horizontalAdvance(self.text())
        return QSize(words + px(35), px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._look.theme.px(60), self._look.theme.px(20))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._flag is None:
            return
        palette, px = self._look.theme.palette, self._look.theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.tint(self._flag.tone)))
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        side = px(12)
        square = QRectF(px(9), (self.height() - side) / 2, side, side)
        paint_state(painter, square, self._flag.symbol, palette)
        painter.setFont(self._font())
        painter.setPen(QColor(palette.tone(self._flag.tone)))
        metrics = painter.fontMetrics()
        room = self.width() - px(35)
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room + 1)
        painter.drawText(QPointF(px(26), (self.height() + metrics.capHeight()) / 2), words)

    def _font(self) -> QFont:
        return self._look.theme.font(TextSize.TINY, Weight.STRONG)


class Heading(Ground):
    """62 px at 100 %. Where the flag does not fit beside the code it takes a line of its own."""

    as_known_requested = Signal()
    today_requested = Signal()
    table_toggled = Signal(bool)
    course_chosen = Signal(int)
    facts_requested = Signal()
    responses_requested = Signal()
    export_requested = Signal(str)
    """One of `EXPORTS`."""
    flag_pressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__("surface")
        self._look = look
        self.flag = FlagPill(look)
        self.flag.clicked.connect(self.flag_pressed)
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        upper = QWidget()
        rows = QVBoxLayout(upper)
        rows.setContentsMargins(px(14), px(8), px(14), px(8))
        rows.setSpacing(px(2))
        self._first = QHBoxLayout()
        self._first.setSpacing(px(10))
        self._code = ElidedLabel(size=TextSize.PAGE, weight=Weight.STRONG)
        self._first.addWidget(self._code)
        self._first.addWidget(self.flag)  # a widget shown before it has a place would flash as a window of its own
        self._first.addStretch(1)
        self._tools = self._make_tools()
        self._first.addWidget(self._tools)
        rows.addLayout(self._first)
        self._second = QHBoxLayout()
        rows.addLayout(self._second)
        self._third = QHBoxLayout()
        rows.addLayout(self._third)
        line = QHBoxLayout()
        line.setSpacing(0)
        self._before = ElidedLabel(size=TextSize.SMALL, tone=Tone.TEXT2)
        self._day = Label(size=TextSize.SMALL, weight=Weight.STRONG)
        self._after = ElidedLabel(size=TextSize.SMALL, tone=Tone.TEXT2)
        line.addWidget(self._before)
        line.addWidget(self._day)
        line.addWidget(self._after)
        line.addStretch(1)
        rows.addLayout(line)
        column.addWidget(upper)
        self._replay = self._make_replay()
        column.addWidget(self._replay)
        self._replay.hide()

    def show_course(self, facts: CourseFacts) -> None:
        self._code.setText(facts.patient_code)
        self._before.setText(f"{facts.before_day} · " if facts.day or facts.after_day else facts.before_day)
        self._day.setText(facts.day)
        self._after.setText(f" · {facts.after_day}" if facts.day and facts.after_day else facts.after_day)
        self.flag.show_flag(facts.flag)
        self._show_courses(facts)
        self._place_parts()
        for button in (self.response_button, self.table_button, self.export_button):
            button.set_disabled_reason("" if facts.figure is not None else tr("There is no timeline yet."))

    def show_replay(self, words: str) -> None:
        """Say from when the record is looked at; empty for today."""
        self._replay_words.setText(words)
        self._replay.setVisible(bool(words))
        # The workbook is always today's; offering it here would look like a report of the earlier day.
        self._report_action.setEnabled(not words)

    def _make_tools(self) -> QWidget:
        look = self._look
        holder = QWidget()
        tools = QHBoxLayout(holder)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(look.theme.px(6))
        self.course_button = Button(look, " ", icon="arrows-left-right", tooltip=tr("Choose the infusion"))
        self.course_button.setMenu(QMenu(self.course_button))
        self.course_button.hide()
        self.facts_button = Button(
            look, tr("Facts…"), icon="clipboard-text", tooltip=tr("Infusions, specimens, disease, drugs, consent")
        )
        self.facts_button.clicked.connect(self.facts_requested)
        self.response_button = Button(
            look, tr("Response…"), icon="list-bullets", tooltip=tr("Response by every rule set, MRD and CNS status")
        )
        self.response_button.clicked.connect(self.responses_requested)
        self.as_known_button = Button(
            look,
            tr("As known"),
            icon="clock-counter-clockwise",
            tooltip=tr("Look at an earlier day, or at the record as it was then"),
        )
        self.as_known_button.clicked.connect(self.as_known_requested)
        self.table_button = Button(look, icon="table", tooltip=tr("The same numbers as a table"))
        self.table_button.setCheckable(True)
        self.table_button.toggled.connect(self.table_toggled)
        self.export_button = Button(look, icon="export", tooltip=tr("Export what is shown"), command=Command.EXPORT)
        menu = QMenu(self.export_button)
        for key, words in zip(
            EXPORTS,
            (
                tr("Figure as PNG…"),
                tr("Figure as SVG…"),
                tr("Figure as PDF…"),
                tr("Report as a workbook…"),
                tr("Copy as a table"),
            ),
            strict=True,
        ):
            action = QAction(words, menu)
            action.setData(key)
            if key == "xlsx":
                menu.addSeparator()
                self._report_action = action
            menu.addAction(action)
        menu.triggered.connect(self._ask_export)
        self.export_button.setMenu(menu)
        for button in (
            self.course_button,
            self.facts_button,
            self.response_button,
            self.as_known_button,
            self.table_button,
            self.export_button,
        ):
            tools.addWidget(button)
        return holder

    def _make_replay(self) -> Ground:
        px = self._look.theme.px
        bar = Ground("sunken", edge="top")
        row = QHBoxLayout(bar)
        row.setContentsMargins(px(14), px(4), px(8), px(4))
        row.setSpacing(px(8))
        self._replay_words = Label(size=TextSize.SMALL, tone=Tone.AMBER, weight=Weight.MEDIUM, wrap=True)
        row.addWidget(self._replay_words, 1)
        back = Button(self._look, tr("Back to today"))
        back.clicked.connect(self.today_requested)
        row.addWidget(back)
        return bar

    def _place_parts(self) -> None:
        """Code, flag and commands in one row where there is room; else the flag below, then the commands too."""
        code, tools = self._code.sizeHint().width(), self._tools.sizeHint().width()
        room = self.width() - self._look.theme.px(28) - 3 * self._first.spacing()
        has_tools_beside = code + tools <= room
        has_flag_beside = code + self.flag.sizeHint().width() + (tools if has_tools_beside else 0) <= room
        for row in (self._first, self._second, self._third):
            row.removeWidget(self.flag)
            row.removeWidget(self._tools)
        if has_flag_beside:
            self._first.insertWidget(1, self.flag)
        else:
            self._second.addWidget(self.flag, 0, Qt.AlignmentFlag.AlignLeft if self._fits_flag() else _ANYWHERE)
        if has_tools_beside:
            self._first.addWidget(self._tools)
        else:
            self._third.addWidget(self._tools, 0, Qt.AlignmentFlag.AlignLeft)

    def _fits_flag(self) -> bool:
        return self.flag.sizeHint().width() <= self.width() - self._look.theme.px(28)

    def _show_courses(self, facts: CourseFacts) -> None:
        menu = self.course_button.menu()
        menu.clear()
        for number, words in enumerate(facts.courses, 1):
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(number == facts.course)
            action.setData(number)
            action.triggered.connect(self._choose_course)
        self.course_button.setVisible(len(facts.courses) > 1)
        self.course_button.setText(tr("Infusion {n} of {all}", n=facts.course, all=len(facts.courses)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place_parts()

    @Slot()
    def _choose_course(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.course_chosen.emit(action.data())

    @Slot(QAction)
    def _ask_export(self, action: QAction) -> None:
        self.export_requested.emit(action.data())
