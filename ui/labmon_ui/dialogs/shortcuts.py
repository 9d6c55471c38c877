"""All shortcuts at a glance: made from the one table of commands."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Ground, Scrolled
from labmon_ui.widgets.look import Look

Overview = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class ShortcutsDialog(Dialog):
    """Groups of commands with their keys."""

    def __init__(self, look: Look, overview: Overview, parent: QWidget | None) -> None:
        super().__init__(look, tr("Shortcuts"), parent, width=460)
        px = look.theme.px
        content = Ground("surface")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, px(12), 0)
        column.setSpacing(px(16))
        for group, rows in overview:
            block = QGridLayout()
            block.setVerticalSpacing(px(6))
            block.setColumnStretch(0, 1)
            block.addWidget(Label(group, size=TextSize.SMALL, tone=Tone.TEXT3, weight=Weight.MEDIUM), 0, 0)
            for number, (words, keys) in enumerate(rows, start=1):
                block.addWidget(Label(words), number, 0)
                cap = Label(keys.replace("+", " ") if not keys.endswith("+") else keys[:-1].replace("+", " ") + "+")
                cap.setProperty("keycap", True)
                block.addWidget(cap, number, 1, Qt.AlignmentFlag.AlignRight)
            column.addLayout(block)
        column.addStretch(1)
        area = Scrolled(content)
        area.setMinimumHeight(min(content.sizeHint().height(), px(460)))
        self.body.addWidget(area, 1)
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)
        close.setFocus()
