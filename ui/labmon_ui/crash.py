"""Exceptions nobody foresaw: shown once per traceback, with the report in full; nothing is ever sent."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot

from labmon.domain.errors import Cancelled
from labmon_ui.versions import versions

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashReport:
    """What the dialog shows and a person may copy or save: versions, system and traceback."""

    summary: str
    text: str


class CrashHook(QObject):
    """Catches what reaches the top of any thread and hands a report to `show`, once per traceback."""

    _caught = Signal(object)

    def __init__(self, show: Callable[[CrashReport], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._seen: set[tuple[object, ...]] = set()
        self._previous = sys.excepthook
        self._previous_in_thread = threading.excepthook
        # An exception may come from any thread; the dialog belongs to the GUI thread.
        self._caught.connect(self._report, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._handle
        threading.excepthook = self._handle_in_thread

    def uninstall(self) -> None:
        sys.excepthook = self._previous
        threading.excepthook = self._previous_in_thread

    @Slot(object)
    def catch(self, error: BaseException) -> None:
        """Take an exception that was caught elsewhere, e.g. by the job runner."""
        self._caught.emit(error)

    def _handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            self._previous(kind, error, trace)
            return
        self._caught.emit(error.with_traceback(trace))

    def _handle_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._caught.emit(args.exc_value)

    @Slot(object)
    def _report(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            return
        fingerprint = _fingerprint(error)
        if fingerprint in self._seen:
            return
        self._seen.add(fingerprint)
        _log.error("unforeseen: %s", error, exc_info=error)
        self._show(crash_report(error))


def crash_report(error: BaseException) -> CrashReport:
    """The report of an exception as text."""

    lines = [f"{name}: {value}" for name, value in versions()]
    lines += [f"Platform: {platform.platform()}", ""]
    trace = "".join(traceback.format_exception(error))
    return CrashReport(summary=f"{type(error).__name__}: {error}", text="\n".join(lines) + "\n" + trace)


def _fingerprint(error: BaseException) -> tuple[object, ...]:
    """Where the exception came from. The same place twice is the same mistake, whatever its message says."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error), *((frame.filename, frame.lineno) for frame in frames)
