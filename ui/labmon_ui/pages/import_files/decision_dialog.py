"""Asks what becomes of a conflict: both values side by side, and the decisions that are possible."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from labmon.workflow.import_plan import Decision, PlanEntry
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Card
from labmon_ui.widgets.look import Look

_CONSEQUENCES = {
    Decision.KEEP_AS_REPEAT: "Both stay on record; this one is marked as a repeat of the same specimen.",
    Decision.REPLACE: "This one counts from now on; the one on record stays visible as an earlier version.",
    Decision.REJECT: "The record stays as it is; this row is not written.",
}


class DecisionDialog(Dialog):
    """For one entry, or for every open conflict of the file at once."""

    decided = Signal(object, bool)
    """The Decision, and whether it holds for all open conflicts of the file."""

    def __init__(self, look: Look, entry: PlanEntry, others_open: int, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("Which value counts?"),
            parent,
            width=560,
            subtitle=entry.title + (f" · {entry.place}" if entry.place is not None else ""),
        )
        px = look.theme.px
        values = QHBoxLayout()
        values.setSpacing(px(12))
        values.addWidget(_value_card(look, tr("On record"), entry.recorded or "", ()), 1)
        values.addWidget(_value_card(look, tr("This file says"), entry.offered, entry.derived), 1)
        self.body.addLayout(values)
        self._group = QButtonGroup(self)
        self._choices: dict[QRadioButton, Decision] = {}
        choices = QGridLayout()
        choices.setVerticalSpacing(px(2))
        choices.setHorizontalSpacing(0)
        for number, decision in enumerate(entry.decisions):
            button = QRadioButton(_sentence_case(tr(decision.value)))
            button.setAccessibleDescription(tr(_CONSEQUENCES[decision]))
            self._choices[button] = decision
            self._group.addButton(button)
            choices.addWidget(button, 2 * number, 0)
            consequence = Label(tr(_CONSEQUENCES[decision]), size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
            consequence.setContentsMargins(px(24), 0, 0, px(6))
            choices.addWidget(consequence, 2 * number + 1, 0)
            if decision is entry.decision:
                button.setChecked(True)
        self.body.addLayout(choices)
        self._for_all = QCheckBox(tr("The same for the {n} other open conflicts of this file", n=others_open))
        self.body.addWidget(self._for_all)
        self._for_all.setVisible(others_open > 0)
        self._go = Button(look, tr("Decide"), kind=ButtonKind.PRIMARY)
        self._go.setDefault(True)
        self._go.clicked.connect(self._decide)
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self.buttons.insertWidget(0, self._go.reason_label())
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._go)
        self._group.buttonToggled.connect(self._judge)
        self._judge()
        (self._group.checkedButton() or next(iter(self._choices))).setFocus()

    def choose(self, decision: Decision, *, for_all: bool = False) -> None:
        """Set the choice, as a person does with the mouse."""
        next(button for button, means in self._choices.items() if means is decision).setChecked(True)
        self._for_all.setChecked(for_all)

    @Slot()
    def _judge(self) -> None:
        has_choice = self._group.checkedButton() is not None
        self._go.set_disabled_reason("" if has_choice else tr("Choose one first."))

    @Slot()
    def _decide(self) -> None:
        chosen = self._group.checkedButton()
        if isinstance(chosen, QRadioButton):
            self.decided.emit(self._choices[chosen], self._for_all.isChecked())
            self.accept()


def _value_card(look: Look, heading: str, value: str, more: Sequence[str]) -> Card:
    card = Card(look, padding=12)
    lines = QVBoxLayout()
    lines.setSpacing(look.theme.px(2))
    lines.addWidget(Label(heading, size=TextSize.SMALL, tone=Tone.TEXT3))
    lines.addWidget(Label(value, size=TextSize.TITLE, weight=Weight.STRONG, wrap=True, selectable=True))
    for line in more:
        lines.addWidget(Label(line, size=TextSize.SMALL, tone=Tone.TEXT2, wrap=True))
    lines.addStretch(1)
    card.rows.addLayout(lines)
    return card


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
