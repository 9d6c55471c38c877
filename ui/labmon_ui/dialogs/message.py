"""One message when something went wrong: what happened, where, what was kept, what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.key_value import KeyValue, KeyValueList
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, SymbolView


class MessageDialog(Dialog):
    """Says a Message in full; `action` names one thing the person can do at once (`accepted`), besides closing."""

    def __init__(self, look: Look, message: Message, parent: QWidget | None, *, action: str = "") -> None:
        super().__init__(look, message.title, parent)
        px = look.theme.px
        row = QHBoxLayout()
        row.setSpacing(px(12))
        symbol = SymbolView(look.theme, StateSymbol.NOTE, pixels=20)
        row.addWidget(symbol, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(px(8))
        words.addWidget(Label(message.what, wrap=True, selectable=True))
        if message.advice:
            words.addWidget(Label(message.advice, tone=Tone.TEXT2, wrap=True))
        row.addLayout(words, 1)
        self.body.addLayout(row)
        facts = (
            KeyValue(name=tr("Where"), value=message.where),
            KeyValue(name=tr("Kept"), value=message.kept),
            KeyValue(name=tr("Code"), value=message.code),
        )
        shown = tuple(fact for fact in facts if fact.value)
        if shown:
            details = KeyValueList(look)
            details.show_pairs(shown)
            details.setContentsMargins(px(32), 0, 0, 0)
            self.body.addWidget(details)
        close = Button(look, tr("Close"), kind=ButtonKind.LARGE if action else ButtonKind.PRIMARY)
        close.clicked.connect(self.reject)
        self.buttons.addWidget(close)
        if action:
            do = Button(look, action, kind=ButtonKind.PRIMARY)
            do.clicked.connect(self.accept)
            self.buttons.addWidget(do)
        close.setFocus()
