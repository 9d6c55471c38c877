"""One broadcast of what changed: a mutation returns a ChangeSet, screens refresh because of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from labmon.domain.change_set import ChangeSet


class Changes(QObject):
    """Announces every non-empty ChangeSet to whoever connected to `changed`."""

    changed = Signal(object)
    """A ChangeSet."""

    def announce(self, change_set: ChangeSet) -> None:
        if change_set:
            self.changed.emit(change_set)
