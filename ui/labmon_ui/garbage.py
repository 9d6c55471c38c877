"""Keeps Python's garbage collector on the GUI thread: elsewhere it would destroy Qt objects and take the process down.

A closed dialog that still refers to itself is freed by whichever thread happens to allocate next, and a widget
destroyed outside of the GUI thread is a crash. While workers run, garbage is therefore collected by a timer instead.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 1_000


class GarbageTimer(QObject):
    """Collects on the thread it was made on, until `stop`; the youngest objects often, the oldest seldom."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    @Slot()
    def collect(self) -> None:
        """Collect the generations that have grown past Python's own thresholds."""
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
            if count <= threshold:
                return
            gc.collect(generation)

    def stop(self) -> None:
        """Hand the garbage back to Python."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()
