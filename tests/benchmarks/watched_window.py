"""A program that opens the window on a record and tells when it was seen: `python watched_window.py RECORD`.

One JSON object on stdout; moments are those of the clock the whole machine shares.
"""

import json
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEventLoop, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from labmon_ui import application

PATIENCE_MS = 60_000
"""A window that never gets so far is closed, and says nothing."""
PATIENTS = tuple(f"DEMO-{number:03d}" for number in range(2, 22))


class Watch(QObject):
    """Notes the first paint, the study's first page, and then walks through the patients."""

    def __init__(self, app: QApplication, shown: application.Application) -> None:
        super().__init__()
        self.seen: dict[str, object] = {}
        self._app = app
        self._shown = shown
        shown.window.painted.connect(self._painted)
        self._timer = QTimer(self, interval=1)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        QTimer.singleShot(PATIENCE_MS, shown.window.close)

    def _painted(self) -> None:
        self.seen["painted"] = time.monotonic()

    def _is_settled(self) -> bool:
        return bool(self._shown.window.page_ids) and not self._shown.tasks.running

    def _look(self) -> None:
        if not self._is_settled():
            return
        self._timer.stop()
        self._app.processEvents()
        self.seen["study"] = time.monotonic()
        self._open(PATIENTS[0])
        self._open("DEMO-001")
        self.seen["switches"] = [self._open(code) for code in PATIENTS]
        self.seen["memory"] = psutil.Process().memory_info().rss
        self._shown.window.close()

    def _open(self, code: str) -> float:
        start = time.perf_counter()
        self._shown.navigation.open_patient(code)
        while self._shown.tasks.running:
            # As the window itself waits: asking without end would take the interpreter away from the worker.
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self._app.processEvents()  # what was read is painted
        return time.perf_counter() - start


def main() -> None:
    app = application.make_qt_application()
    shown = application.Application(
        app, Path(sys.argv[1]), page_builders=application.PAGE_BUILDERS, settings=QSettings()
    )
    watch = Watch(app, shown)
    shown.run()
    sys.stdout.write(json.dumps(watch.seen))


if __name__ == "__main__":
    main()
