"""What labmon shows when it made a mistake: the whole report, to copy or to save; nothing is ever sent."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from labmon_ui.crash import CrashReport
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


class CrashDialog(Dialog):
    """Shown once for each place in the code that failed."""

    def __init__(self, look: Look, report: CrashReport, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("labmon made a mistake"),
            parent,
            width=640,
            subtitle=tr("What you accepted before is on record. You can go on, or close labmon and open it again."),
        )
        self._report = report
        self.body.addWidget(Label(report.summary, wrap=True, selectable=True))
        text = QPlainTextEdit(report.text)
        text.setReadOnly(True)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setMinimumHeight(look.theme.px(240))
        text.setAccessibleName(tr("Report"))
        self.body.addWidget(text, 1)
        self._note = Label(
            tr(
                "This is the whole report: versions, system, and the place in the program. Nothing is sent by itself; "
                "read it for names before you pass it on."
            ),
            size=TextSize.SMALL,
            tone=Tone.TEXT3,
            wrap=True,
        )
        self.body.addWidget(self._note)
        save = Button(look, tr("Save…"), icon="floppy-disk", kind=ButtonKind.LARGE)
        save.clicked.connect(self._ask_where)
        copy = Button(look, tr("Copy"), icon="copy", kind=ButtonKind.LARGE)
        copy.clicked.connect(self._copy)
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.clicked.connect(self.accept)
        for button in (save, copy, close):
            self.buttons.addWidget(button)
        close.setFocus()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report.text)
        self._note.setText(tr("Copied."))

    @Slot()
    def _ask_where(self) -> None:
        dialog = QFileDialog(self, tr("Save the report"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("labmon-report.txt")
        dialog.fileSelected.connect(self.save)
        dialog.open()

    @Slot(str)
    def save(self, path: str) -> None:
        """Write the report there and say so, or say why it could not be written."""
        try:
            Path(path).write_text(self._report.text, encoding="utf-8")
        except OSError as error:
            self._note.setText(tr("{path} cannot be written: {reason}.", path=path, reason=error.strerror))
        else:
            self._note.setText(tr("Saved as {path}.", path=path))
