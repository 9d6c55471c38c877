"""Asks what a new study is called before its record is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStudy:
    """What a person said about the study to create."""

    study_code: str
    title: str
    site: str
    protocol_id: str


class NewStudyDialog(Dialog):
    """Study code, title, site and protocol; the study is created only when all of them are given."""

    study_described = Signal(object)
    """A NewStudy."""

    def __init__(self, look: Look, path: Path, protocol_ids: tuple[str, ...], parent: QWidget | None) -> None:
        super().__init__(
            look, tr("Create a study"), parent, width=520, subtitle=tr("Its record will be {path}.", path=path)
        )
        form = QFormLayout()
        form.setHorizontalSpacing(look.theme.px(16))
        form.setVerticalSpacing(look.theme.px(10))
        self._protocol = QComboBox()
        self._protocol.addItems(protocol_ids)
        self._code = QLineEdit(protocol_ids[0].upper() if protocol_ids else "")
        self._title = QLineEdit()
        self._title.setPlaceholderText(tr("Persistence after CAR-T"))
        self._site = QLineEdit()
        for name, field in (
            (tr("Protocol"), self._protocol),
            (tr("Study code"), self._code),
            (tr("Title"), self._title),
            (tr("Site"), self._site),
        ):
            label = Label(name, tone=Tone.TEXT2)
            label.setBuddy(field)
            field.setAccessibleName(name)
            form.addRow(label, field)
            if isinstance(field, QLineEdit):
                field.textChanged.connect(self._judge)
        self.body.addLayout(form)
        self._create = Button(look, tr("Create"), kind=ButtonKind.PRIMARY)
        self._create.setDefault(True)
        self._create.clicked.connect(self._tell)
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self.buttons.insertWidget(0, self._create.reason_label())
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._create)
        self._judge()
        self._title.setFocus()

    @Slot()
    def _judge(self) -> None:
        fields = ((self._code, tr("Study code")), (self._title, tr("Title")), (self._site, tr("Site")))
        missing = [name for field, name in fields if not field.text().strip()]
        self._create.set_disabled_reason(tr("Still empty: {names}.", names=", ".join(missing)) if missing else "")

    @Slot()
    def _tell(self) -> None:
        self.study_described.emit(
            NewStudy(
                study_code=self._code.text().strip(),
                title=self._title.text().strip(),
                site=self._site.text().strip(),
                protocol_id=self._protocol.currentText(),
            )
        )
        self.accept()
