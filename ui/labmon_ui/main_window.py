"""The window: rail, top bar and status bar around the pages."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QMainWindow, QStackedWidget, QWidget

from labmon_ui.actions import Actions, Command
from labmon_ui.dialogs.shortcuts import ShortcutsDialog
from labmon_ui.tasks import Tasks
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TEXT_SCALES, Mode
from labmon_ui.widgets.focus_ring import FocusRing
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.navigation_rail import NavigationRail
from labmon_ui.widgets.page import Page
from labmon_ui.widgets.search_box import SearchBox
from labmon_ui.widgets.state_page import StatePage
from labmon_ui.widgets.status_bar import StatusBar
from labmon_ui.widgets.top_bar import TopBar

DEFAULT_SIZE = (1440, 900)
MINIMUM_SIZE = (1100, 700)


class MainWindow(QMainWindow):
    """The frame of every page. Pages a role may not use are never added."""

    page_shown = Signal(str)
    """The id of the page that came to the front."""
    closing = Signal()
    painted = Signal()
    """The first paint is through: from now on slow things may load."""
    start_action_triggered = Signal()
    """The one action of what stands in the window before any page does: create the study, or try again."""

    def __init__(self, look: Look, tasks: Tasks, actions: Actions) -> None:
        super().__init__()
        self._look = look
        self._actions = actions
        self._pages: dict[str, Page] = {}
        self._has_painted = False
        self._shortcuts: ShortcutsDialog | None = None
        self.setWindowTitle("labmon")
        self.resize(*DEFAULT_SIZE)
        self.setMinimumSize(*MINIMUM_SIZE)
        self.top_bar = TopBar(look)
        self.rail = NavigationRail(look)
        self.status_bar = StatusBar(look, tasks)
        self._stack = QStackedWidget()
        self._start = StatePage(look)
        self._start.action_triggered.connect(self.start_action_triggered)
        self._stack.addWidget(self._start)
        frame = QWidget()
        frame.setProperty("ground", "window")
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.top_bar, 0, 0, 1, 2)
        grid.addWidget(self.rail, 1, 0)
        grid.addWidget(self._stack, 1, 1)
        grid.addWidget(self.status_bar, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self.setCentralWidget(frame)
        self._ring = FocusRing(look.theme, self)
        self.rail.page_chosen.connect(self._bring_to_front)
        self.top_bar.shortcuts_requested.connect(self.show_shortcuts)
        for command, carry_out in (
            (Command.SEARCH, self.search.activate),
            (Command.SHORTCUTS, self.show_shortcuts),
            (Command.LARGER_TEXT, self._enlarge_text),
            (Command.SMALLER_TEXT, self._reduce_text),
            (Command.NORMAL_TEXT, self._reset_text),
            (Command.SWITCH_THEME, self._switch_theme),
            (Command.CANCEL_JOB, self.status_bar.cancel_shown),
            (Command.QUIT, self.close),
        ):
            actions.bind(command, self, carry_out)

    @property
    def search(self) -> SearchBox:
        return self.top_bar.search

    @property
    def current_page(self) -> str | None:
        """The id of the page in front, None while there is none."""
        return next((p.id for p in self._pages.values() if p.widget is self._stack.currentWidget()), None)

    @property
    def page_ids(self) -> tuple[str, ...]:
        return tuple(self._pages)

    def add_page(self, page: Page) -> None:
        """Add a page at the end of the rail; the first one comes to the front."""
        self._pages[page.id] = page
        self._stack.addWidget(page.widget)
        self.rail.add_entry(page.id, page.icon, page.title, has_gap_above=page.has_gap_above)
        self.rail.set_badge(page.id, page.badge)
        number = len(self._pages)
        if number <= 9:
            self._actions.bind_page(number, page.title, self, partial(self.show_page, page.id))
        if number == 1:
            self.show_page(page.id)

    def set_badge(self, page_id: str, count: int) -> None:
        self.rail.set_badge(page_id, count)

    def show_page(self, page_id: str) -> None:
        """Bring the page to the front and give it the focus; its widget's focus proxy says which part takes it."""
        self._bring_to_front(page_id)
        self._pages[page_id].widget.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _bring_to_front(self, page_id: str) -> None:
        # From the rail the focus stays there, so that the arrow keys go on from page to page.
        page = self._pages[page_id]
        self._stack.setCurrentWidget(page.widget)
        self.rail.set_current(page_id)
        self.setWindowTitle(f"{page.title} – labmon")
        self.page_shown.emit(page_id)

    def show_opening(self, text: str) -> None:
        """Before any page exists: say what is being opened."""
        self._start.show_loading(text)
        self._stack.setCurrentWidget(self._start)

    def show_no_study(self, path: str) -> None:
        """There is nothing to open yet."""
        self._start.show_empty(
            tr("No study yet"),
            tr(
                "{path} does not exist. Create a study there, or try labmon on invented patients: labmon demo.",
                path=path,
            ),
            action=tr("Create a study…"),
            icon="folder-open",
        )
        self._stack.setCurrentWidget(self._start)

    def show_opening_failed(self, message: Message) -> None:
        """The study could not be opened: say why; the window stays."""
        self._start.show_failed(message, action=tr("Try again"))
        self._stack.setCurrentWidget(self._start)

    @Slot()
    def show_shortcuts(self) -> None:
        self._shortcuts = ShortcutsDialog(self._look, self._actions.overview(), self)
        self._shortcuts.open()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._has_painted:
            self._has_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        # A dialog left open would keep the process alive without its window: nothing in it is written yet.
        for dialog in self.findChildren(QDialog):
            dialog.reject()
        self.closing.emit()
        super().closeEvent(event)

    @Slot()
    def _enlarge_text(self) -> None:
        theme = self._look.theme
        theme.set_text_scale(next((s for s in TEXT_SCALES if s > theme.text_scale), TEXT_SCALES[-1]))

    @Slot()
    def _reduce_text(self) -> None:
        theme = self._look.theme
        theme.set_text_scale(next((s for s in reversed(TEXT_SCALES) if s < theme.text_scale), TEXT_SCALES[0]))

    @Slot()
    def _reset_text(self) -> None:
        self._look.theme.set_text_scale(100)

    @Slot()
    def _switch_theme(self) -> None:
        theme = self._look.theme
        theme.set_mode(Mode.LIGHT if theme.palette.is_dark else Mode.DARK)
