"""The Import page's widgets and their places: queue, run, readings, original, issues, and the bar that accepts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from labmon_ui.actions import Command, with_shortcut
from labmon_ui.pages.import_files.content_panel import ContentPanel
from labmon_ui.pages.import_files.footer_bar import FooterBar
from labmon_ui.pages.import_files.model import (
    ISSUE_ACTION_COLUMN,
    FileContent,
    Footer,
    IssueRow,
    QueueRow,
    issue_columns,
    queue_columns,
)
from labmon_ui.pages.import_files.original_sheet import OriginalSheet
from labmon_ui.pages.import_files.run_panel import RunPanel
from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.flat_table import FlatTable
from labmon_ui.widgets.label import ElidedLabel
from labmon_ui.widgets.layout import Ground, Hairline, PageHeader, Scrolled, SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import IconView, StateStack

_QUEUE_ROWS = (3, 7)
"""The queue grows with its files between these, until a person moves its edge."""
_RUN_WIDTH = 320
_HEADER_HEIGHT = 52
_LEAST_WIDTH = 1000
"""Of the page; below it the parts of a file stand one below the other."""
_LEAST_DETAIL = 300
_STACKED_HEIGHTS = (380, 280, 240, 180)
"""Run, content, original, issues."""
QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's "no limit"; PySide does not export it."""


class ImportView(QWidget):
    """Emits what the person wants; shows what the presenter decides."""

    files_dropped = Signal(object)
    """A tuple of Paths, files and folders."""
    file_selected = Signal(object)
    """A QueueRow, or None."""
    watch_requested = Signal(object)
    """A folder, a Path."""
    stop_watching_requested = Signal(object)
    remove_requested = Signal()
    clear_requested = Signal()
    cancel_requested = Signal()
    decision_requested = Signal(str)
    """The key of an entry; empty for the first that is open."""
    row_selected = Signal(object)
    """A ContentRow, or None."""
    issue_selected = Signal(object)
    issue_acted_on = Signal(object)
    """The IssueRow whose action is wanted."""
    state_action_triggered = Signal()
    """The one action of what stands in place of a file's content."""
    mapping_requested = Signal()
    save_requested = Signal()
    templates_requested = Signal()
    """The empty workbooks, to be filled in by hand."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._is_queue_placed = False
        self.setAcceptDrops(True)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.queue = FlatTable(look, queue_columns(), key=lambda row: row.key, row_height=30)
        self.queue.setAccessibleName(tr("Files to import"))
        self.queue.row_selected.connect(self.file_selected)
        self.queue.row_activated.connect(self._accept_activated)
        self.queue.installEventFilter(self)
        self.footer = FooterBar(look)
        self.run = RunPanel(look)
        self.content = ContentPanel(look)
        self.content.row_selected.connect(self.row_selected)
        self.content.decision_requested.connect(self.decision_requested)
        self.original = OriginalSheet(look)
        self.issues = FlatTable(
            look, issue_columns(), key=lambda row: row.key, row_height=34, first_padding=12, has_header=False
        )
        self.issues.setAccessibleName(tr("Issues of the file"))
        self.issues.row_selected.connect(self.issue_selected)
        self.issues.row_activated.connect(self.issue_acted_on)
        self.issues.link_activated.connect(self._act_on_issue)
        self.issues.installEventFilter(self)
        self._detail = self._make_detail()
        self.detail = StateStack(look, Scrolled(self._detail))
        self.detail.action_triggered.connect(self.state_action_triggered)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.queue)
        self._splitter.addWidget(self.detail)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.splitterMoved.connect(self._keep_split)
        self.page = StateStack(look, self._splitter)
        self.page.action_triggered.connect(self.ask_for_files)
        self.page.other_action_triggered.connect(self.templates_requested)
        self._header = self._make_header()
        column.addWidget(self._header)
        self._watch_bar = _WatchBar(look)
        column.addWidget(self._watch_bar)
        column.addWidget(self.page, 1)
        column.addWidget(self.footer)
        self._veil = _DropVeil(look, self)
        self.setFocusProxy(self.queue)
        self._arrangement: bool | None = None
        self._rescale()
        look.theme.changed.connect(self._rescale)
        self.show_queue((), "")

    # What the presenter shows

    def show_queue(self, rows: tuple[QueueRow, ...], summary: str) -> None:
        self.queue.set_rows(rows)
        self._header.set_detail(summary)
        if rows:
            self.page.show_content()
            self._place_queue()
        else:
            self.page.show_empty(
                tr("No files yet."),
                tr("Drop files or a folder here, or choose them. Nothing is written before you accept it."),
                action=tr("Add files…"),
                other_action=tr("Save the empty workbooks…"),
                icon="download-simple",
            )
        self.footer.setVisible(bool(rows))

    def show_notice(self, text: str) -> None:
        """What has just been done, or why nothing was; said below an empty queue, too."""
        self.footer.show_notice(text)
        self.footer.setVisible(bool(text) or bool(self.queue.row_model.rows))

    def show_watched(self, folders: tuple[Path, ...]) -> None:
        """The folders that can be watched no more, below the command that watches one more."""
        self._watch_menu.clear()
        words = with_shortcut(tr("Watch a folder…"), Command.WATCH_FOLDER)
        self._watch_menu.addAction(words).triggered.connect(self.ask_for_watched_folder)
        for folder in folders:
            action = self._watch_menu.addAction(tr("Stop watching {folder}", folder=str(folder)))
            action.triggered.connect(partial(self.stop_watching_requested.emit, folder))

    def show_watch_state(self, text: str, needs_person: bool) -> None:
        self._watch_bar.show_state(text, needs_person)

    def update_file(self, row: QueueRow, summary: str) -> None:
        """One file changed; the others stay as they are."""
        number = self.queue.row_model.number_of(row.key)
        if number is not None:
            self.queue.row_model.update_row(number, row)
        self._header.set_detail(summary)

    def show_buttons(self, *, can_cancel: bool, can_clear: bool) -> None:
        self._cancel.setVisible(can_cancel)
        self._clear.setVisible(can_clear)

    def show_content(self, content: FileContent) -> None:
        self.run.show_runs(content.runs)
        self.content.show_content(content)
        self.original.show_unread(content.unread)
        self.issues.set_rows(content.issues)
        waiting = sum(bool(row.action) for row in content.issues)
        others = len(content.issues) - waiting
        parts = (
            tr("{n} to answer", n=waiting) if waiting else "",
            tr("{n} to know", n=others) if others else "",
        )
        self._issues_header.set_detail(", ".join(filter(None, parts)) or tr("none"))
        self._save.setVisible(content.can_save_rejected)
        self.detail.show_content()

    def show_footer(self, footer: Footer) -> None:
        self.footer.show_footer(footer)

    def show_no_content(self, title: str, text: str = "", *, action: str = "", icon: str = "file") -> None:
        self.detail.show_empty(title, text, action=action, icon=icon)

    def show_loading(self, text: str) -> None:
        self.detail.show_loading(text)

    def show_refused(self, message: Message, *, action: str = "") -> None:
        self.detail.show_failed(message, action=action)

    # What the person does

    @Slot()
    def ask_for_files(self) -> None:
        dialog = QFileDialog(self, tr("Add files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self.add_paths)
        dialog.open()

    @Slot()
    def ask_for_folder(self) -> None:
        dialog = QFileDialog(self, tr("Add a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self.add_paths)
        dialog.open()

    @Slot()
    def ask_for_watched_folder(self) -> None:
        dialog = QFileDialog(self, tr("Watch a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._watch)
        dialog.open()

    @Slot(str)
    def _watch(self, folder: str) -> None:
        self.watch_requested.emit(Path(folder))

    @Slot(list)
    def add_paths(self, paths: list[str]) -> None:
        self.files_dropped.emit(tuple(Path(path) for path in paths))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._veil.cover()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._veil.hide()
        paths = tuple(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Space if watched is self.queue:
                self.decision_requested.emit("")
                return True
            case Qt.Key.Key_Space if watched is self.issues:
                if self.issues.selected_row is not None:
                    self.issue_acted_on.emit(self.issues.selected_row)
                return True
            case Qt.Key.Key_Delete if watched is self.queue:
                self.remove_requested.emit()
                return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._veil.setGeometry(self.rect())
        self._arrange()
        self._place_queue()

    @Slot(object)
    def _accept_activated(self, _row: object) -> None:
        if self.footer.accept_file.isEnabled():
            self.footer.accept_file_requested.emit()

    @Slot(object, int)
    def _act_on_issue(self, row: IssueRow, column: int) -> None:
        if column == ISSUE_ACTION_COLUMN:
            self.issue_acted_on.emit(row)

    @Slot(int, int)
    def _keep_split(self, _position: int, _index: int) -> None:
        self._is_queue_placed = True

    def _place_queue(self) -> None:
        if not self._is_queue_placed:
            least, most = _QUEUE_ROWS
            rows = min(max(len(self.queue.row_model.rows), least), most)
            height = min(self.queue.height_of_rows(rows), self._splitter.height() // 2)
            self._splitter.setSizes([height, max(self._splitter.height() - height, 1)])

    def _make_header(self) -> _Header:
        ground = _Header(self._look)
        add = Button(self._look, tr("Add files or folder…"), icon="folder-open")
        menu = QMenu(add)
        for words, command, carry_out in (
            (tr("Files…"), Command.ADD_FILES, self.ask_for_files),
            (tr("Folder with everything in it…"), Command.ADD_FOLDER, self.ask_for_folder),
        ):
            menu.addAction(with_shortcut(words, command)).triggered.connect(carry_out)
        add.setMenu(menu)
        watch = Button(self._look, tr("Watch…"), icon="eye")
        self._watch_menu = QMenu(watch)
        watch.setMenu(self._watch_menu)
        self.show_watched(())
        mappings = Button(self._look, tr("Mappings…"), icon="arrows-left-right")
        mappings.clicked.connect(self.mapping_requested)
        self._clear = Button(self._look, tr("Clear finished"), icon="trash")
        self._clear.clicked.connect(self.clear_requested)
        self._cancel = Button(self._look, tr("Cancel reading"), icon="x")
        self._cancel.clicked.connect(self.cancel_requested)
        for button in (add, watch, mappings, self._clear, self._cancel):
            ground.header.add_action(button)
        self.show_buttons(can_cancel=False, can_clear=False)
        return ground

    def _make_detail(self) -> QWidget:
        px = self._look.theme.px
        lower = Ground("surface")
        lower_column = QVBoxLayout(lower)
        lower_column.setContentsMargins(0, 0, 0, 0)
        lower_column.setSpacing(0)
        self._issues_header = SectionHeader(self._look, tr("Issues"))
        self._issues_header.setContentsMargins(px(12), 0, px(12), 0)
        self._issues_header.setFixedHeight(px(36))
        self._save = Button(self._look, tr("Save rejected rows…"), icon="floppy-disk")
        self._save.clicked.connect(self.save_requested)
        self._issues_header.add_action(self._save)
        lower_column.addWidget(self._issues_header)
        lower_column.addWidget(Hairline())
        lower_column.addWidget(self.issues, 1)
        self._beside = QSplitter(Qt.Orientation.Horizontal)
        self._beside.addWidget(self.content)
        self._beside.addWidget(self.original)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._right.addWidget(self._beside)
        self._right.addWidget(lower)
        self._right.setStretchFactor(0, 3)
        self._right.setStretchFactor(1, 2)
        for splitter in (self._beside, self._right):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        detail = Ground("surface")
        self._columns = QHBoxLayout(detail)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(0)
        self._columns.addWidget(self.run)
        self._run_edge = Hairline(Qt.Orientation.Vertical)
        self._columns.addWidget(self._run_edge)
        self._columns.addWidget(self._right, 1)
        return detail

    @Slot()
    def _rescale(self) -> None:
        self._header.setFixedHeight(self._look.theme.px(_HEADER_HEIGHT))
        self._arrangement = None
        self._arrange()
        self._place_queue()

    def _arrange(self) -> None:
        """Side by side where there is room; in a narrow window or with large text one below the other, scrolled."""
        px = self._look.theme.px
        is_stacked = self.width() < px(_LEAST_WIDTH)
        if self._arrangement is is_stacked:
            return
        self._arrangement = is_stacked
        direction = QBoxLayout.Direction.TopToBottom if is_stacked else QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(direction)
        self._run_edge.setVisible(not is_stacked)
        self._beside.setOrientation(Qt.Orientation.Vertical if is_stacked else Qt.Orientation.Horizontal)
        if is_stacked:
            run, content, original, issues = (px(height) for height in _STACKED_HEIGHTS)
            self.run.setMaximumWidth(QWIDGETSIZE_MAX)
            self.run.setMinimumWidth(0)
            self.run.setFixedHeight(run)
            self._beside.setSizes([content, original])
            self._right.setSizes([content + original, issues])
            self._detail.setMinimumHeight(run + content + original + issues)
        else:
            self.run.setFixedWidth(px(_RUN_WIDTH))
            self.run.setMaximumHeight(QWIDGETSIZE_MAX)
            self.run.setMinimumHeight(0)
            self._beside.setSizes([px(590), px(442)])
            self._right.setSizes([px(290), px(190)])
            self._detail.setMinimumHeight(px(_LEAST_DETAIL))


class _Header(Ground):
    def __init__(self, look: Look) -> None:
        super().__init__("surface")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.theme.px(16), 0, look.theme.px(16), 0)
        self.header = PageHeader(look, tr("Import"))
        row.addWidget(self.header)

    def set_detail(self, text: str) -> None:
        self.header.set_detail(text)


class _WatchBar(Ground):
    """Which folders are watched, and what is the matter with one of them; there only while some are."""

    def __init__(self, look: Look) -> None:
        super().__init__("surface2")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.theme.px(16), look.theme.px(4), look.theme.px(16), look.theme.px(4))
        row.setSpacing(look.theme.px(6))
        self._icon = IconView(look, "eye", pixels=14)
        self._words = ElidedLabel(size=TextSize.SMALL, tone=Tone.TEXT2)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        self.hide()

    def show_state(self, text: str, needs_person: bool) -> None:
        self._icon.set_icon("warning" if needs_person else "eye")
        self._words.setText(text)
        self.setVisible(bool(text))


class _DropVeil(QWidget):
    """Covers the page while files hang over it, and says what letting go will do."""

    def __init__(self, look: Look, page: QWidget) -> None:
        super().__init__(page)
        self._look = look
        self._page = page
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        self.setGeometry(self._page.rect())
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.palette.surface)
        ground.setAlphaF(0.88)
        painter.fillRect(self.rect(), ground)
        inset = theme.px(16)
        painter.setPen(QPen(theme.colour(Tone.ACCENT), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), theme.px(8), theme.px(8))
        painter.setPen(theme.colour(Tone.TEXT))
        painter.setFont(theme.font(TextSize.TITLE, Weight.STRONG))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), tr("Drop to add these files to the queue"))
