"""About labmon: versions, how the records are kept, and whose work it stands on."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.versions import versions
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.key_value import KeyValue, KeyValueList
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Hairline
from labmon_ui.widgets.look import Look

LICENCES = (
    ("labmon", "MIT"),
    ("Qt, PySide6", "LGPL-3.0"),
    ("pyqtgraph", "MIT"),
    ("QtAwesome, Phosphor", "MIT"),
    ("Inter", "SIL OFL 1.1"),
    ("SQLAlchemy, Alembic", "MIT"),
    ("SQLite", "public domain"),
    ("NumPy", "BSD-3-Clause"),
    ("openpyxl, python-calamine", "MIT"),
)


class AboutDialog(Dialog):
    """`records` are facts about the open study: where it lies, its journal mode."""

    def __init__(self, look: Look, records: tuple[KeyValue, ...], parent: QWidget | None) -> None:
        super().__init__(
            look,
            "labmon",
            parent,
            width=560,
            subtitle=tr("From an instrument's export to a decision that can be defended years later."),
        )
        if records:
            self.body.addWidget(_section(look, tr("Records"), records))
            self.body.addWidget(Hairline())
        columns = QHBoxLayout()
        columns.setSpacing(look.theme.px(32))
        self.body.addLayout(columns)
        for title, pairs in ((tr("Versions"), versions()), (tr("Licences"), LICENCES)):
            facts = tuple(KeyValue(name=name, value=value) for name, value in pairs)
            columns.addWidget(_section(look, title, facts, name_width=128), 1)
        self.body.addWidget(Hairline())
        self.body.addWidget(
            Label(
                tr("labmon supports a decision and never makes it. It is no medical device."),
                size=TextSize.SMALL,
                tone=Tone.TEXT3,
                wrap=True,
            )
        )
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)
        close.setFocus()


def _section(look: Look, title: str, facts: tuple[KeyValue, ...], *, name_width: int = 84) -> QWidget:
    section = QWidget()
    column = QVBoxLayout(section)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(look.theme.px(6))
    column.addWidget(Label(title, weight=Weight.STRONG))
    pairs = KeyValueList(look, name_width=name_width)
    pairs.show_pairs(facts)
    column.addWidget(pairs)
    column.addStretch(1)
    return section
