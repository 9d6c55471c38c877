"""Asks why: a reason from a list, with a free text beside it, for everything that changes a released result."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QRadioButton, QVBoxLayout, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


class ReasonDialog(Dialog):
    """The main button stays off, saying why, until a reason is chosen, or typed where "another reason" is."""

    reason_given = Signal(str)
    """The reason, with the remark after a semicolon when there is one."""

    def __init__(
        self,
        look: Look,
        title: str,
        reasons: tuple[str, ...],
        action: str,
        parent: QWidget | None,
        *,
        explanation: str = "",
    ) -> None:
        super().__init__(look, title, parent, subtitle=explanation)
        self._group = QButtonGroup(self)
        choices = QVBoxLayout()
        choices.setSpacing(look.theme.px(6))
        for reason in reasons:
            self._add_choice(choices, reason)
        self._other = self._add_choice(choices, tr("Another reason"))
        self.body.addLayout(choices)
        self._remark_heading = Label(size=TextSize.SMALL, tone=Tone.TEXT3)
        self.body.addWidget(self._remark_heading)
        self._remark = QPlainTextEdit()
        self._remark.setFixedHeight(look.theme.px(64))
        self._remark.setTabChangesFocus(True)
        self._remark.textChanged.connect(self._judge)
        self._remark_heading.setBuddy(self._remark)
        self.body.addWidget(self._remark)
        self._go = Button(look, action, kind=ButtonKind.PRIMARY)
        self.buttons.insertWidget(0, self._go.reason_label())
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._give)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._go)
        self._group.buttonToggled.connect(self._judge)
        self._judge()

    def _add_choice(self, choices: QVBoxLayout, reason: str) -> QRadioButton:
        choice = QRadioButton(reason)
        self._group.addButton(choice)
        choices.addWidget(choice)
        return choice

    @Slot()
    def _judge(self) -> None:
        is_free = self._other.isChecked()
        self._remark_heading.setText(tr("Say which") if is_free else tr("Remark, if needed"))
        self._remark.setAccessibleName(self._remark_heading.text())
        if self._group.checkedButton() is None:
            self._go.set_disabled_reason(tr("Choose a reason first."))
        elif is_free and not self._remark.toPlainText().strip():
            self._go.set_disabled_reason(tr("Type the reason first."))
        else:
            self._go.set_disabled_reason("")

    @Slot()
    def _give(self) -> None:
        choice = self._group.checkedButton()
        chosen = "" if choice is None or choice is self._other else choice.text()
        remark = " ".join(self._remark.toPlainText().split())
        self.reason_given.emit("; ".join(filter(None, (chosen, remark))))
        self.accept()
