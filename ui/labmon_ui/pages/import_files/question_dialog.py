"""Asks what a file cannot say itself: its decimal mark and the order of its dates, or which format it is."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from labmon.workflow.import_answers import DateOrder, DecimalMark, ReadOptions
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look

_EXAMPLES = {
    DecimalMark.POINT: "Decimal point: 1.234 is a little more than one",
    DecimalMark.COMMA: "Decimal comma: 1,234 is a little more than one",
    DateOrder.DMY: "Day first: 03.04.2026 is the third of April",
    DateOrder.MDY: "Month first: 03.04.2026 is the fourth of March",
    DateOrder.YMD: "Year first: 2026.04.03 is the third of April",
}


class QuestionDialog(Dialog):
    """The file is read again with the answer; what stays open, the file goes on deciding."""

    answered = Signal(object)
    """The ReadOptions to read the file with."""

    def __init__(self, look: Look, sentence: str, where: str, options: ReadOptions, parent: QWidget | None) -> None:
        super().__init__(look, tr("How is this file to be read?"), parent, width=520, subtitle=sentence)
        self._options = options
        if where:
            self.body.addWidget(Label(where, size=TextSize.SMALL, tone=Tone.TEXT3))
        self._marks = _Choice(look, tr("Numbers"), tuple(DecimalMark), options.decimal_mark)
        self._orders = _Choice(look, tr("Dates"), tuple(DateOrder), options.date_order)
        for choice in (self._marks, self._orders):
            choice.chosen.connect(self._judge)
            self.body.addWidget(choice)
        self._go = Button(look, tr("Read again"), kind=ButtonKind.PRIMARY)
        self._go.clicked.connect(self._answer)
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self.buttons.insertWidget(0, self._go.reason_label())
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._go)
        self._judge()

    def choose(self, answer: DecimalMark | DateOrder) -> None:
        """Set one answer, as a person does with the mouse."""
        (self._marks if isinstance(answer, DecimalMark) else self._orders).choose(answer)

    def _answers(self) -> ReadOptions:
        mark, order = self._marks.answer, self._orders.answer
        return dataclasses.replace(
            self._options,
            decimal_mark=mark if isinstance(mark, DecimalMark) else None,
            date_order=order if isinstance(order, DateOrder) else None,
        )

    @Slot()
    def _judge(self) -> None:
        self._go.set_disabled_reason("" if self._answers() != self._options else tr("Answer one of them first."))

    @Slot()
    def _answer(self) -> None:
        self.answered.emit(self._answers())
        self.accept()


class _Choice(QWidget):
    chosen = Signal()

    def __init__(
        self,
        look: Look,
        title: str,
        answers: tuple[DecimalMark | DateOrder, ...],
        current: DecimalMark | DateOrder | None,
    ) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.theme.px(6))
        column.addWidget(Label(title, weight=Weight.STRONG))
        self._group = QButtonGroup(self)
        self._answers: dict[QRadioButton, DecimalMark | DateOrder | None] = {}
        for answer in (None, *answers):
            button = QRadioButton(tr("As the file shows") if answer is None else tr(_EXAMPLES[answer]))
            button.setChecked(answer is current)
            self._answers[button] = answer
            self._group.addButton(button)
            column.addWidget(button)
        self._group.buttonClicked.connect(self.chosen)

    @property
    def answer(self) -> DecimalMark | DateOrder | None:
        return next((answer for button, answer in self._answers.items() if button.isChecked()), None)

    def choose(self, answer: DecimalMark | DateOrder) -> None:
        next(button for button, means in self._answers.items() if means is answer).click()


class FormatDialog(Dialog):
    """Several formats claim the file: a person says which it is."""

    answered = Signal(object)
    """The ReadOptions to read the file with."""

    def __init__(
        self, look: Look, sentence: str, formats: tuple[tuple[str, str], ...], options: ReadOptions, parent: QWidget
    ) -> None:
        super().__init__(look, tr("Which format is this?"), parent, subtitle=sentence)
        self._options = options
        self._group = QButtonGroup(self)
        self._formats: dict[QRadioButton, str] = {}
        for format_id, title in formats:
            button = QRadioButton(title)
            self._formats[button] = format_id
            self._group.addButton(button)
            self.body.addWidget(button)
        self._go = Button(look, tr("Read as this"), kind=ButtonKind.PRIMARY)
        self._go.clicked.connect(self._answer)
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self.buttons.insertWidget(0, self._go.reason_label())
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._go)
        self._group.buttonToggled.connect(self._judge)
        self._judge()

    def choose(self, format_id: str) -> None:
        next(button for button, means in self._formats.items() if means == format_id).setChecked(True)

    @Slot()
    def _judge(self) -> None:
        has_choice = self._group.checkedButton() is not None
        self._go.set_disabled_reason("" if has_choice else tr("Choose one first."))

    @Slot()
    def _answer(self) -> None:
        chosen = self._group.checkedButton()
        if isinstance(chosen, QRadioButton):
            self.answered.emit(dataclasses.replace(self._options, format_id=self._formats[chosen]))
            self.accept()
