"""Below the kinetics: the selected point on its way back to the bytes, or the finding that was asked why."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from labmon_ui.pages.patients.course import Entry, FindingFacts
from labmon_ui.pages.patients.provenance import PointFacts
from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.key_value import KeyValue, KeyValueList
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, SymbolView

_NAME_WIDTH = 70
_Part = TypeVar("_Part", bound=QWidget)


class PointPanel(QWidget):
    """One result: value, state, limits, what it was made of, its run, its file, who released it."""

    original_requested = Signal(object)
    """An OriginalPlaces."""
    exclude_requested = Signal()
    include_requested = Signal()
    accept_requested = Signal()
    history_requested = Signal()
    closed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._facts: PointFacts | None = None
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self._header = SectionHeader(look, tr("Selected point"))
        self.close_button = Button(look, icon="x", tooltip=tr("Back to the finding"))
        self.close_button.clicked.connect(self.closed)
        self._header.add_action(self.close_button)
        column.addWidget(self._header)
        value = QHBoxLayout()
        value.setSpacing(px(6))
        self._big = Label(size=TextSize.PAGE, weight=Weight.STRONG, selectable=True)
        self._big.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._rest = Label(tone=Tone.TEXT2, wrap=True)
        value.addWidget(self._big, 0, Qt.AlignmentFlag.AlignBaseline)
        value.addWidget(self._rest, 1, Qt.AlignmentFlag.AlignBaseline)
        column.addLayout(value)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(6))
        self.open_button = Button(look, tr("Open at row"), icon="arrow-square-out")
        self.open_button.clicked.connect(self._open_first)
        self.exclude_button = Button(look, tr("Exclude…"), icon="prohibit")
        self.exclude_button.clicked.connect(self._exclude_or_include)
        self.history_button = Button(look, icon="clock-counter-clockwise", tooltip=tr("All versions of this result"))
        self.history_button.clicked.connect(self.history_requested)
        for button in (self.open_button, self.exclude_button, self.history_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self.accept_button = Button(look, tr("Accept run…"), icon="check")
        self.accept_button.clicked.connect(self.accept_requested)
        column.addWidget(self.accept_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.pairs = KeyValueList(look, name_width=_NAME_WIDTH)
        self.pairs.link_activated.connect(self.original_requested)
        column.addWidget(self.pairs)

    @property
    def facts(self) -> PointFacts | None:
        return self._facts

    def show_point(self, facts: PointFacts, read_only_reason: str) -> None:
        """`read_only_reason` is why nothing can be changed now; empty when it can."""
        self._facts = facts
        self._header.set_detail(facts.heading)
        self._big.setText(facts.big)
        self._rest.setText(facts.rest)
        self.pairs.show_pairs(facts.pairs)
        self.open_button.set_disabled_reason("" if facts.originals else tr("No file is on record for this result."))
        self.exclude_button.setText(tr("Include…") if facts.is_excluded else tr("Exclude…"))
        self.exclude_button.set_icon("check-circle" if facts.is_excluded else "prohibit")
        self.exclude_button.set_disabled_reason(read_only_reason)
        self.accept_button.setVisible(facts.held_run is not None)
        self.accept_button.set_disabled_reason(read_only_reason)

    @Slot()
    def _open_first(self) -> None:
        if self._facts is not None and self._facts.originals:
            self.original_requested.emit(self._facts.originals[0])

    @Slot()
    def _exclude_or_include(self) -> None:
        if self._facts is not None:
            (self.include_requested if self._facts.is_excluded else self.exclude_requested).emit()


class FindingPanel(QWidget):
    """One finding: its sentence, what it rests on, what would change it, and where its limits come from."""

    result_requested = Signal(object)
    """The id of a result the finding rests on."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        self._header = SectionHeader(look, tr("Finding"))
        column.addWidget(self._header)
        state = QHBoxLayout()
        state.setSpacing(px(6))
        self._symbol = SymbolView(look.theme, StateSymbol.MET)
        self._title = Label(weight=Weight.STRONG, wrap=True)
        state.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._title, 1)
        column.addLayout(state)
        self._sentence = Label(tone=Tone.TEXT2, wrap=True, selectable=True)
        self._sentence.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        column.addWidget(self._sentence)
        self._missing = self._add_part(column, tr("Still missing"), Label(size=TextSize.SMALL, wrap=True))
        self._would_change = self._add_part(column, tr("What would change it"), self._make_pairs())
        self._evidence = self._add_part(column, tr("Rests on"), self._make_pairs())
        self._cautions = self._add_part(column, tr("Take care"), Label(size=TextSize.SMALL, wrap=True))
        self._thresholds = self._add_part(column, tr("Limits and their sources"), self._make_pairs())
        self._protocol = Label(size=TextSize.TINY, tone=Tone.TEXT3, wrap=True)
        column.addWidget(self._protocol)

    def show_finding(self, facts: FindingFacts) -> None:
        self._header.set_title(facts.rule_id)
        self._header.set_detail(facts.state)
        self._symbol.set_state(facts.symbol, facts.state)
        self._title.setText(facts.title)
        self._sentence.setText(facts.sentence)
        self._protocol.setText(facts.protocol)
        for heading, view, lines in (
            (*self._missing, facts.missing),
            (*self._cautions, facts.cautions),
        ):
            view.setText("\n".join(lines))
            heading.setVisible(bool(lines))
            view.setVisible(bool(lines))
        for heading, pairs, entries in (
            (*self._would_change, facts.would_change),
            (*self._evidence, facts.evidence),
            (*self._thresholds, facts.thresholds),
        ):
            pairs.show_pairs(tuple(_pair(entry) for entry in entries))
            heading.setVisible(bool(entries))
            pairs.setVisible(bool(entries))

    def _make_pairs(self) -> KeyValueList:
        pairs = KeyValueList(self._look, name_width=_NAME_WIDTH + 4)
        pairs.link_activated.connect(self.result_requested)
        return pairs

    def _add_part(self, column: QVBoxLayout, title: str, content: _Part) -> tuple[Label, _Part]:
        heading = Label(title, size=TextSize.SMALL, weight=Weight.STRONG)
        heading.setContentsMargins(0, self._look.theme.px(6), 0, 0)
        column.addWidget(heading)
        column.addWidget(content)
        return heading, content


class DetailPanel(QWidget):
    """A point, a finding, or why neither can be shown."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.point = PointPanel(look)
        self.finding = FindingPanel(look)
        self._note = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        for part in (self.point, self.finding, self._note):
            column.addWidget(part)
        self._show_only(self._note)

    @property
    def shows_point(self) -> bool:
        return not self.point.isHidden()

    def show_point(self, facts: PointFacts, read_only_reason: str) -> None:
        self.point.show_point(facts, read_only_reason)
        self._show_only(self.point)

    def show_finding(self, facts: FindingFacts) -> None:
        self.finding.show_finding(facts)
        self._show_only(self.finding)

    def show_nothing(self, words: str) -> None:
        self._note.setText(words)
        self._show_only(self._note)

    def show_failed(self, message: Message) -> None:
        self.show_nothing(" ".join(filter(None, (message.title, message.what, message.advice))))

    def _show_only(self, shown: QWidget) -> None:
        for part in (self.point, self.finding, self._note):
            part.setVisible(part is shown)


def _pair(entry: Entry) -> KeyValue:
    return KeyValue(name=entry.name, value=entry.text, target=entry.result_id)
