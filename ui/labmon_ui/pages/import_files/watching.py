"""Watches the folders a technician chose, off the GUI thread, and hands what arrived to the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QTimer, Signal, Slot

from labmon.workflow.watch_folder import FolderLook, WatchFolder
from labmon_ui.tasks import Tasks
from labmon_ui.texts import tr, tr_count

LOOK_EVERY_MS = 5_000
_SETTING = "watched_folders"


class WatchedFolders:
    """The folders watched at this workstation, kept from one session to the next."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def folders(self) -> tuple[Path, ...]:
        kept = self._settings.value(_SETTING)
        texts = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
        return tuple(Path(text) for text in texts if isinstance(text, str) and text)

    def keep(self, folders: Sequence[Path]) -> None:
        self._settings.setValue(_SETTING, [str(folder) for folder in folders])


class Watching(QObject):
    """One look at a time; the next one begins some seconds after the last has ended, however long that took."""

    arrived = Signal(object)
    """A tuple of Paths."""
    folders_changed = Signal(object)
    """The watched folders, a tuple of Paths."""
    state_changed = Signal(str, bool)
    """What to say about the watched folders, and whether one of them needs a person; empty when none is watched."""

    def __init__(
        self,
        tasks: Tasks,
        not_on_record: Callable[[Sequence[tuple[Path, str]]], tuple[Path, ...]],
        watched: WatchedFolders,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._not_on_record = not_on_record
        self._watched = watched
        self._watches = {folder: WatchFolder(folder=folder) for folder in watched.folders}
        self._looks: dict[Path, FolderLook] = {}
        self._lost_since: dict[Path, datetime] = {}
        self._is_looking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        self.folders_changed.emit(tuple(self._watches))
        self._tell()
        self.look()

    def watch(self, folder: Path) -> None:
        """Watch one more folder, from now on and in every later session."""
        if folder not in self._watches:
            self._watches[folder] = WatchFolder(folder=folder)
            self._keep()
            self.look()

    def stop(self, folder: Path) -> None:
        """Watch it no more; what it brought stays in the queue."""
        for known in (self._watches, self._looks, self._lost_since):
            known.pop(folder, None)
        self._keep()

    @Slot()
    def look(self) -> None:
        """Look at every watched folder once."""
        if self._is_looking or not self._watches:
            return
        self._is_looking = True
        watches = tuple(self._watches.items())
        self._tasks.run(
            partial(_look, watches), self._looked, self._looked_in_vain, label=tr("Looking at watched folders")
        )

    def _looked(self, looks: Sequence[tuple[Path, FolderLook]]) -> None:
        for folder, look in looks:
            if folder not in self._watches:
                continue
            self._looks[folder] = look
            if look.is_reachable:
                self._lost_since.pop(folder, None)
            else:
                self._lost_since.setdefault(folder, datetime.now().astimezone())
            if look.arrived:
                self._tasks.run(
                    partial(self._not_on_record, look.arrived),
                    self._bring,
                    label=tr("Comparing watched folders with the record"),
                    database=True,
                )
        self._tell()
        self._look_again()

    def _bring(self, paths: tuple[Path, ...]) -> None:
        if paths:
            self.arrived.emit(paths)

    def _looked_in_vain(self, _error: Exception) -> None:
        self._look_again()

    def _look_again(self) -> None:
        self._is_looking = False
        if self._watches:
            self._timer.start()

    def _keep(self) -> None:
        folders = tuple(self._watches)
        self._watched.keep(folders)
        self.folders_changed.emit(folders)
        self._tell()

    def _tell(self) -> None:
        parts = [self._words(folder) for folder in self._watches]
        self.state_changed.emit("   ".join(parts), bool(self._lost_since))

    def _words(self, folder: Path) -> str:
        lost = self._lost_since.get(folder)
        if lost is not None:
            return tr(
                "{folder} cannot be reached since {time}; it is looked for all the while.",
                folder=str(folder),
                time=f"{lost:%H:%M}",
            )
        look = self._looks.get(folder)
        waiting = len(look.unfinished) if look is not None else 0
        words = tr("Watching {folder}", folder=str(folder))
        if waiting:
            words += " · " + tr_count(waiting, "{n} file is still being written", "{n} files are still being written")
        return words


def _look(watches: Sequence[tuple[Path, WatchFolder]]) -> tuple[tuple[Path, FolderLook], ...]:
    return tuple((folder, watch.look()) for folder, watch in watches)
