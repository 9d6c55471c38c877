"""A person at the window: eyes that read what is on the screen, hands on the mouse and the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from labmon.domain.audit import AuditEntry
from labmon.records.study import Study
from labmon.reports.figures import Mark
from labmon_ui.application import Application
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.main_window import MainWindow
from labmon_ui.pages.eligibility.view import EligibilityView
from labmon_ui.pages.import_files.view import ImportView
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.pages.worklist.view import WorklistView
from labmon_ui.widgets.flat_table import FlatTable

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton
LONG_MS = 60_000
"""The whole demo is read and written within this; nothing waits longer than it must."""


@dataclass
class Person:
    """Works with one open window. Every action ends when nothing is being worked on any more."""

    qtbot: QtBot
    application: Application
    study_path: Path
    bugs: list[object] = field(default_factory=list)

    @property
    def window(self) -> MainWindow:
        return self.application.window

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.application.tasks.running, timeout=LONG_MS)
        QApplication.processEvents()  # what was made for the answer is laid out and shown
        assert not self.bugs

    # The pages

    def part(self, kind: type[W]) -> W:
        """The one visible widget of this kind, in the window or a dialog of it."""
        found = [each for each in self.window.findChildren(kind) if each.isVisible()]
        assert len(found) == 1, (kind, found)
        return found[0]

    @property
    def worklist(self) -> WorklistView:
        return self.part(WorklistView)

    @property
    def importing(self) -> ImportView:
        return self.part(ImportView)

    @property
    def patients(self) -> PatientsView:
        return self.part(PatientsView)

    @property
    def eligibility(self) -> EligibilityView:
        return self.part(EligibilityView)

    def open_page(self, title: str) -> None:
        """With the rail."""
        entry = next(each for each in self.window.rail.findChildren(QAbstractButton) if each.accessibleName() == title)
        self.click(entry)
        self.settle()

    # Eyes

    def reads(self, widget: QWidget) -> str:
        """Everything the widget says, a line a label."""
        labels = (each.text() for each in widget.findChildren(QLabel) if each.isVisible())
        return "\n".join(filter(None, labels)).replace("\u00a0", " ")

    def sees(self, kind: type[W]) -> W:
        """The dialog of this kind that stands in front and takes the keys."""
        found = [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]
        assert len(found) == 1, (kind, found)
        self.qtbot.waitUntil(found[0].isActiveWindow)
        return found[0]

    def marks(self, wanted: Callable[[Mark], bool]) -> list[Mark]:
        spec = self.patients.canvas.spec
        assert spec is not None
        return [mark for _, _, mark in spec.marks() if wanted(mark)]

    def file_state(self, name: str) -> str:
        """The last word of a file's row on the Import page."""
        rows = self.importing.queue.row_model.rows
        return str(next(row.state.text for row in rows if row.name == name))

    @property
    def file_states(self) -> list[str]:
        return [row.state.text for row in self.importing.queue.row_model.rows]

    # Hands

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        assert widget.isVisible()
        assert widget.isEnabled(), widget.toolTip()
        self.qtbot.mouseClick(widget, LEFT, pos=at or widget.rect().center())

    def press(self, inside: QWidget, words: str) -> None:
        """The button with these words."""
        buttons = [each for each in inside.findChildren(QAbstractButton) if each.isVisible()]
        self.click(next(each for each in buttons if each.text() == words))
        self.settle()

    def click_cell(self, table: FlatTable, row: int, column: int) -> None:
        index = table.model().index(row, column)
        table.scrollTo(index)
        self.click(table.viewport(), table.visualRect(index).center())
        self.settle()

    def select_row(self, table: FlatTable, wanted: Callable[[object], bool]) -> None:
        row = next(number for number, each in enumerate(table.row_model.rows) if wanted(each))
        self.click_cell(table, row, 0)

    def select_file(self, name: str) -> None:
        self.select_row(self.importing.queue, lambda row: row.name == name)  # type: ignore[attr-defined] # a QueueRow

    def drop(self, *paths: Path) -> None:
        """Drag files or folders over the Import page and let go."""
        view = self.importing
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(view, QDragEnterEvent(QPoint(300, 300), copy, mime, LEFT, none))
        QApplication.sendEvent(view, QDropEvent(QPointF(300, 300), copy, mime, LEFT, none))

    def import_everything(self, *paths: Path) -> None:
        """Drop, and accept what is ready as long as that brings something in."""
        self.drop(*paths)
        self.settle()
        while self.importing.footer.accept_ready.isEnabled():
            self.click(self.importing.footer.accept_ready)
            self.settle()

    def pick(self, mark: Mark) -> None:
        """Click a mark of the timeline."""
        canvas = self.patients.canvas
        where = canvas.mark_position(mark.ref)
        assert where is not None
        self.click(canvas.viewport(), where.toPoint())
        self.settle()

    def give_reason(self, number: int = 0) -> str:
        """Choose a reason from the list and go through with it."""
        dialog = self.sees(ReasonDialog)
        go = [each for each in dialog.findChildren(QAbstractButton) if not isinstance(each, QRadioButton)][-1]
        assert not go.isEnabled()  # not without a reason
        choice = dialog.findChildren(QRadioButton)[number]
        self.qtbot.mouseClick(choice, LEFT, pos=QPoint(8, choice.height() // 2))
        reason = choice.text()
        self.click(go)
        self.settle()
        return reason

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)
        self.settle()

    def type(self, words: str) -> None:
        self.qtbot.keyClicks(QApplication.focusWidget(), words)

    # What is on record, read beside the window

    def record_counts(self) -> tuple[int, int, int]:
        """Files, results and audit entries."""
        study = Study.open(self.study_path)
        try:
            with study.reading() as record:
                return len(record.files()), len(record.results()), len(record.audit_entries())
        finally:
            study.close()

    def last_entries(self, count: int = 1) -> Iterable[AuditEntry]:
        study = Study.open(self.study_path)
        try:
            with study.reading() as record:
                return record.audit_entries()[-count:]
        finally:
            study.close()
