"""The heading over the timeline: who this is, the flag, the course in one line, and the commands of the figure."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from labmon_ui.actions import Command
from labmon_ui.pages.patients.course import CourseFacts, Flag
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import Ground
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.pill import Pill

EXPORTS = ("png", "svg", "pdf", "xlsx", "copy")


class _FlagPill(Pill):
    """The flag as a button: a click shows why."""

    pressed = Signal()

    def mouseReleaseEvent(self, event: object) -> None:
        self.pressed.emit()


class Heading(Ground):
    """62 px at 100 %. Where the flag does not fit beside the code it takes a line of its own."""

    as_known_requested = Signal()
    today_requested = Signal()
    table_toggled = Signal(bool)
    course_chosen = Signal(int)
    facts_requested = Signal()
    export_requested = Signal(str)
    """One of `EXPORTS`."""
    flag_pressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__("surface")
        self._look = look
        self._pill: _FlagPill | None = None
        self._flag: Flag | None = None
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
        self._first.addStretch(1)
        self._tools = self._make_tools()
        self._first.addLayout(self._tools)
        rows.addLayout(self._first)
        self._second = QHBoxLayout()
        rows.addLayout(self._second)
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
        self._show_flag(facts.flag)
        self._show_courses(facts)
        for button in (self.table_button, self.export_button):
            button.set_disabled_reason("" if facts.figure is not None else tr("There is no timeline yet."))

    def show_replay(self, words: str) -> None:
        """Say from when the record is looked at; empty for today."""
        self._replay_words.setText(words)
        self._replay.setVisible(bool(words))
        # The workbook is always today's; offering it here would look like a report of the earlier day.
        self._report_action.setEnabled(not words)

    def _make_tools(self) -> QHBoxLayout:
        look = self._look
        tools = QHBoxLayout()
        tools.setSpacing(look.theme.px(6))
        self.course_button = Button(look, " ", icon="arrows-left-right", tooltip=tr("Choose the infusion"))
        self.course_button.setMenu(QMenu(self.course_button))
        self.course_button.hide()
        self.facts_button = Button(
            look, tr("Facts…"), icon="clipboard-text", tooltip=tr("Infusions, specimens, disease, drugs, consent")
        )
        self.facts_button.clicked.connect(self.facts_requested)
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
            self.as_known_button,
            self.table_button,
            self.export_button,
        ):
            tools.addWidget(button)
        return tools

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

    def _show_flag(self, flag: Flag | None) -> None:
        if flag == self._flag and self._pill is not None:
            return
        if self._pill is not None:
            self._pill.hide()
            self._pill.deleteLater()
            self._pill = None
        self._flag = flag
        if flag is not None:
            pill = _FlagPill(self._look, flag.text, tone=flag.tone, symbol=flag.symbol, strong=True)
            pill.setToolTip(tr("Show why"))
            pill.setCursor(Qt.CursorShape.PointingHandCursor)
            pill.pressed.connect(self.flag_pressed)
            self._pill = pill
            self._place_pill()

    def _place_pill(self) -> None:
        """Beside the code where there is room, else below it."""
        if self._pill is None:
            return
        used = self._code.sizeHint().width() + self._tools.sizeHint().width() + 4 * self._first.spacing()
        fits = used + self._pill.sizeHint().width() + self._look.theme.px(28) <= self.width()
        self._first.removeWidget(self._pill)
        self._second.removeWidget(self._pill)
        if fits:
            self._first.insertWidget(1, self._pill, 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            self._second.addWidget(self._pill, 0, Qt.AlignmentFlag.AlignLeft)
        self._pill.show()

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
            self._place_pill()

    @Slot()
    def _choose_course(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.course_chosen.emit(action.data())

    @Slot(QAction)
    def _ask_export(self, action: QAction) -> None:
        self.export_requested.emit(action.data())
