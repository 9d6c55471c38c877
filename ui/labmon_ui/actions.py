"""The one table of commands: what each is called, its shortcut and where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from labmon_ui.texts import tr


@dataclass(frozen=True, slots=True)
class CommandText:
    """A command in words: its group in the overview, what it does, its shortcut."""

    group: str
    words: str
    shortcut: str


class Command(Enum):
    """Every command that has a shortcut.

    `tr` here only marks the texts for lupdate: no language is loaded yet; they are translated where they are shown.
    """

    SEARCH = CommandText(tr("Everywhere"), tr("Search patient, specimen, run or file"), "Ctrl+K")
    SHORTCUTS = CommandText(tr("Everywhere"), tr("Show all shortcuts"), "F1")
    ABOUT = CommandText(tr("Everywhere"), tr("About labmon"), "Shift+F1")
    LARGER_TEXT = CommandText(tr("Everywhere"), tr("Larger text"), "Ctrl++")
    SMALLER_TEXT = CommandText(tr("Everywhere"), tr("Smaller text"), "Ctrl+-")
    NORMAL_TEXT = CommandText(tr("Everywhere"), tr("Text at 100 %"), "Ctrl+0")
    SWITCH_THEME = CommandText(tr("Everywhere"), tr("Light or dark"), "Ctrl+Shift+L")
    CANCEL_JOB = CommandText(tr("Everywhere"), tr("Cancel the running job"), "Ctrl+.")
    QUIT = CommandText(tr("Everywhere"), tr("Close labmon"), "Ctrl+Q")
    ADD_FILES = CommandText(tr("Import"), tr("Add files"), "Ctrl+O")
    ADD_FOLDER = CommandText(tr("Import"), tr("Add a folder"), "Ctrl+Shift+O")
    WATCH_FOLDER = CommandText(tr("Import"), tr("Watch a folder"), "Ctrl+Shift+W")
    ACCEPT_FILE = CommandText(tr("Import"), tr("Accept this file"), "Ctrl+Return")
    ACCEPT_READY = CommandText(tr("Import"), tr("Accept all ready files"), "Ctrl+Shift+Return")
    PREVIOUS_PATIENT = CommandText(tr("Patients"), tr("Previous patient"), "Alt+Up")
    NEXT_PATIENT = CommandText(tr("Patients"), tr("Next patient"), "Alt+Down")
    FILTER = CommandText(tr("Lists"), tr("Filter this list"), "Ctrl+F")
    COPY_ROWS = CommandText(tr("Lists"), tr("Copy the selected rows"), "Ctrl+C")
    EXPORT = CommandText(tr("Lists"), tr("Export what is shown"), "Ctrl+E")

    @property
    def words(self) -> str:
        return tr(self.value.words)

    @property
    def group(self) -> str:
        return tr(self.value.group)

    @property
    def shortcut(self) -> str:
        """As a person reads it on this system."""
        return QKeySequence(self.value.shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def with_shortcut(text: str, command: Command) -> str:
    """A tooltip that names the command's shortcut: "Add files (Ctrl+O)"."""
    return f"{text} ({command.shortcut})"


class Actions(QObject):
    """Binds commands to what carries them out, and knows which are bound: the overview lists exactly these."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bound: dict[Command, None] = {}
        self._pages: list[tuple[str, str]] = []

    def bind(self, command: Command, owner: QWidget, carry_out: Callable[[], object]) -> QAction:
        """Make the command work while `owner`, or something inside it, has the focus; for a window, anywhere in it."""
        return self._bind(command, command.words, command.value.shortcut, owner, carry_out)

    def bind_page(self, number: int, title: str, owner: QWidget, carry_out: Callable[[], object]) -> QAction:
        """Ctrl+1 to Ctrl+9 open the pages in the order of the rail."""
        self._pages.append((tr("Open {page}", page=title), f"Ctrl+{number}"))
        return self._bind(None, title, f"Ctrl+{number}", owner, carry_out)

    def overview(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """The bound commands by group: words and shortcut."""
        groups: dict[str, list[tuple[str, str]]] = {}
        if self._pages:
            groups[tr("Pages")] = self._pages
        for command in Command:
            if command in self._bound:
                groups.setdefault(command.group, []).append((command.words, command.shortcut))
        return tuple((group, tuple(rows)) for group, rows in groups.items())

    def _bind(
        self, command: Command | None, words: str, shortcut: str, owner: QWidget, carry_out: Callable[[], object]
    ) -> QAction:
        action = QAction(words, owner)
        keys = [QKeySequence(shortcut)]
        if command is Command.LARGER_TEXT:
            keys.append(QKeySequence("Ctrl+="))  # the same key without Shift on most keyboards
        action.setShortcuts(keys)
        action.setShortcutContext(
            Qt.ShortcutContext.WindowShortcut if owner.isWindow() else Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        action.triggered.connect(carry_out)
        owner.addAction(action)
        if command is not None:
            self._bound[command] = None
        return action
