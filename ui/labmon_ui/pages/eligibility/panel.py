"""The panel beside the matrix: one cell explained, with links to the points and runs it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from labmon_ui.pages.eligibility.explanation import EvidenceLine, Explanation, LimitLine, StateLine
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Card, Ground, Hairline, Scrolled
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import IconView
from labmon_ui.widgets.state_symbol import SymbolView

_TOP = Qt.AlignmentFlag.AlignTop


class ExplanationPanel(Ground):
    """Shows an Explanation; Escape leads back to the matrix."""

    result_requested = Signal(str, int)
    """A patient's code and a result's id."""
    run_requested = Signal(str)
    patient_requested = Signal(str)
    decision_requested = Signal(str)
    """A patient about whom somebody wants to decide."""
    snapshot_requested = Signal(str)
    """A patient whose recorded decision somebody wants to read."""
    left = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__("surface", edge="left")
        self._look = look
        self._shown: Explanation | None = None
        self._content = Scrolled(QWidget())
        self._as_of = Label(size=TextSize.SMALL, tone=Tone.TEXT2, wrap=True)
        self._timeline = Button(
            look, tr("Open timeline"), icon="chart-line-up", kind=ButtonKind.LARGE, tooltip=tr("Open this patient")
        )
        self._timeline.clicked.connect(self._open_timeline)
        self._decide = Button(
            look,
            tr("Record decision…"),
            icon="clipboard-text",
            kind=ButtonKind.LARGE,
            tooltip=tr("Record an eligibility decision with the evidence of this moment frozen beside it"),
        )
        self._decide.clicked.connect(self._want_decision)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.theme.px(8))
        buttons.addWidget(self._timeline)
        buttons.addWidget(self._decide)
        buttons.addStretch(1)
        self._foot = QVBoxLayout()
        self._foot.addWidget(Hairline())
        self._foot.addWidget(self._as_of)
        self._foot.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._content, 1)
        column.addLayout(self._foot)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def show_explanation(self, explanation: Explanation) -> None:
        """Explain a cell; what is shown already stays as it is, with its focus and its place."""
        if explanation == self._shown:
            return
        self._shown = explanation
        self._content.setWidget(self._made(explanation))
        self._as_of.setText(" ".join(filter(None, (explanation.as_of, explanation.sign_note))))
        self.setAccessibleName(f"{explanation.place}: {explanation.state}")
        self.setAccessibleDescription(explanation.sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar, step = self._content.verticalScrollBar(), self._look.theme.px(40)
        match event.key():
            case Qt.Key.Key_Escape:
                self.left.emit()
            case Qt.Key.Key_Down:
                bar.setValue(bar.value() + step)
            case Qt.Key.Key_Up:
                bar.setValue(bar.value() - step)
            case _:
                super().keyPressEvent(event)

    def _made(self, explanation: Explanation) -> QWidget:
        px = self._look.theme.px
        content = QWidget()
        content.setProperty("ground", "surface")
        column = QVBoxLayout(content)
        column.setContentsMargins(px(24), px(16), px(24), px(20))
        column.setSpacing(px(6))
        column.addWidget(Label(explanation.place, size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True))
        column.addLayout(self._headline(explanation))
        self._add_decision(column, explanation)
        self._add_why(column, explanation)
        if explanation.missing:
            self._add_heading(column, "target", tr("What is missing"))
            for each in explanation.missing:
                column.addWidget(Label(f"•  {each}", wrap=True))
        if explanation.changes:
            self._add_heading(column, "arrows-left-right", tr("What would change it"))
            column.addWidget(self._state_card(explanation.changes))
        if explanation.window or explanation.behind:
            self._add_heading(column, "calendar", tr("Relapse and window"))
            for each in explanation.window:
                column.addWidget(Label(each, wrap=True))
        if explanation.behind:
            column.addSpacing(px(2))
            column.addWidget(self._state_card(explanation.behind))
        if explanation.limits:
            self._add_heading(column, "ruler", tr("Thresholds and their sources"))
            for limit in explanation.limits:
                column.addLayout(self._limit(limit))
        column.addStretch(1)
        return content

    def _headline(self, explanation: Explanation) -> QVBoxLayout:
        px = self._look.theme.px
        state = QHBoxLayout()
        state.setSpacing(px(8))
        state.addWidget(SymbolView(self._look.theme, explanation.symbol, pixels=18, word=explanation.state))
        state.addWidget(
            Label(explanation.state, size=TextSize.TITLE, tone=explanation.symbol.tone, weight=Weight.STRONG), 1
        )
        lines = QVBoxLayout()
        lines.setSpacing(px(4))
        lines.addLayout(state)
        lines.addWidget(
            Label(explanation.sentence, size=TextSize.TITLE, weight=Weight.STRONG, wrap=True, selectable=True)
        )
        return lines

    def _add_decision(self, column: QVBoxLayout, explanation: Explanation) -> None:
        if not explanation.decided:
            return
        self._add_heading(column, "clipboard-text", tr("Decision on record"))
        tone = Tone.AMBER if explanation.changed_since else Tone.TEXT
        column.addWidget(Label(explanation.decided, tone=tone, wrap=True))
        for change in explanation.changed_since:
            column.addWidget(Label(f"•  {change}", size=TextSize.SMALL, wrap=True))
        snapshot = _Link(tr("Read the frozen snapshot"))
        snapshot.clicked.connect(self._want_snapshot)
        column.addWidget(snapshot, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_why(self, column: QVBoxLayout, explanation: Explanation) -> None:
        self._add_heading(column, "info", tr("Why"))
        column.addWidget(Label(tr("The registry: “{wording}”", wording=explanation.wording), wrap=True))
        if explanation.reading:
            column.addWidget(Label(explanation.reading, tone=Tone.TEXT2, wrap=True))
        if explanation.evidence:
            column.addSpacing(self._look.theme.px(2))
            for line in explanation.evidence:
                column.addWidget(Hairline())
                column.addLayout(self._evidence(explanation.patient_code, line))
            column.addWidget(Hairline())

    def _add_heading(self, column: QVBoxLayout, icon: str, title: str) -> None:
        px = self._look.theme.px
        row = QHBoxLayout()
        row.setSpacing(px(7))
        row.addWidget(IconView(self._look, icon, tone=Tone.TEXT2))
        row.addWidget(Label(title, weight=Weight.STRONG), 1)
        column.addSpacing(px(12))
        column.addLayout(row)

    def _evidence(self, patient_code: str, line: EvidenceLine) -> QHBoxLayout:
        px = self._look.theme.px
        row = QHBoxLayout()
        row.setSpacing(px(8))
        day = Label(line.day, size=TextSize.SMALL, tone=Tone.TEXT2)
        day.setFixedWidth(px(44))
        row.addWidget(day, 0, _TOP)
        middle = QVBoxLayout()
        middle.setSpacing(px(2))
        if line.result_id is not None:
            value: QWidget = _ResultLink(line.value, patient_code, line.result_id)
            value.followed.connect(self.result_requested)  # type: ignore[attr-defined] # declared as QWidget above
        else:
            value = Label(line.value, size=TextSize.SMALL, weight=Weight.MEDIUM, wrap=True)
        middle.addWidget(value, 0, Qt.AlignmentFlag.AlignLeft if line.result_id is not None else _TOP)
        if line.run_code:
            run = _RunLink(line.run_code)
            run.followed.connect(self.run_requested)
            middle.addWidget(run, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(middle, 1)
        role = Label(line.role, size=TextSize.SMALL, tone=Tone.TEXT2)
        row.addWidget(role, 0, _TOP)
        return row

    def _state_card(self, lines: Sequence[StateLine]) -> Card:
        px = self._look.theme.px
        card = Card(self._look)
        for number, line in enumerate(lines):
            if number:
                card.rows.addWidget(Hairline())
            row = QHBoxLayout()
            row.setContentsMargins(px(12), px(7), px(12), px(7))
            row.setSpacing(px(9))
            symbol = SymbolView(self._look.theme, line.symbol, word=line.word)
            symbol.setContentsMargins(0, px(2), 0, 0)
            row.addWidget(symbol, 0, _TOP)
            row.addWidget(Label(line.text, wrap=True), 1)
            card.rows.addLayout(row)
        return card

    def _limit(self, limit: LimitLine) -> QVBoxLayout:
        lines = QVBoxLayout()
        lines.setSpacing(0)
        first = QHBoxLayout()
        first.addWidget(Label(limit.name, size=TextSize.SMALL, wrap=True), 1)
        first.addWidget(Label(limit.value, size=TextSize.SMALL, weight=Weight.STRONG), 0, _TOP)
        lines.addLayout(first)
        lines.addWidget(Label(limit.source, size=TextSize.TINY, tone=Tone.TEXT3, wrap=True))
        return lines

    @Slot()
    def _open_timeline(self) -> None:
        if self._shown is not None:
            self.patient_requested.emit(self._shown.patient_code)

    @Slot()
    def _want_decision(self) -> None:
        if self._shown is not None:
            self.decision_requested.emit(self._shown.patient_code)

    @Slot()
    def _want_snapshot(self) -> None:
        if self._shown is not None:
            self.snapshot_requested.emit(self._shown.patient_code)

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self._foot.setContentsMargins(px(24), 0, px(24), px(16))
        self._foot.setSpacing(px(12))
        if self._shown is not None:
            self._content.setWidget(self._made(self._shown))


class _Link(QPushButton):
    """A line of text that leads somewhere; where there is no room it ends in "…" and its tooltip has the rest."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._whole = text
        self.setProperty("kind", "link")
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        self.ensurePolished()  # the style sheet's font is the one that counts
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…") * 3, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width())
        self.setText(text)
        self.setToolTip("" if text == self._whole else self._whole)


class _ResultLink(_Link):
    """A value that leads to its point on the timeline."""

    followed = Signal(str, int)

    def __init__(self, text: str, patient_code: str, result_id: int) -> None:
        super().__init__(text)
        self._patient_code = patient_code
        self._result_id = result_id
        self.clicked.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        self.followed.emit(self._patient_code, self._result_id)


class _RunLink(_Link):
    """A run's code that leads to the run."""

    followed = Signal(str)

    def __init__(self, run_code: str) -> None:
        super().__init__(run_code)
        self._run_code = run_code
        self.clicked.connect(self._follow)

    @Slot()
    def _follow(self) -> None:
        self.followed.emit(self._run_code)
