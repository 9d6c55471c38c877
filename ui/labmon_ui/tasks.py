"""Work off the GUI thread: one worker for everything that touches the database, a small pool for pure computing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from labmon.domain.errors import Cancelled, UserError
from labmon_ui.garbage import GarbageTimer

_log = logging.getLogger(__name__)
_REPORT_INTERVAL_S = 0.05
T = TypeVar("T")


class Progress:
    """What a running job says about itself, and where it asks whether to stop. Safe to use from the job's thread."""

    def __init__(self, report: Callable[[float | None, str], None]) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._last_report = 0.0

    def step(self, done: int, total: int, text: str = "") -> None:
        """Say how far the job is. A total of 0 means "not known"."""
        now = time.monotonic()
        # A reader may say this for every row; the window needs it some twenty times a second, and at the end.
        if now - self._last_report >= _REPORT_INTERVAL_S or done >= total:
            self._last_report = now
            self._report(min(done / total, 1.0) if total > 0 else None, text)

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled when the person asked to stop."""
        if self._cancelled.is_set():
            raise Cancelled

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()


class TaskState(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


class Task:
    """One job on its way: what the status bar shows, and what a page holds to cancel it. Lives on the GUI thread."""

    def __init__(self, label: str, progress: Progress, *, can_cancel: bool) -> None:
        self.label = label
        self.can_cancel = can_cancel
        self.state = TaskState.WAITING
        self.fraction: float | None = None
        self.text = ""
        self._progress = progress
        self._is_discarded = False

    def cancel(self) -> None:
        """Ask the job to stop. `failed` gets Cancelled; when the job was through already, `done` gets its result."""
        self._progress.cancel()

    def discard(self) -> None:
        """Nobody waits for this any more: ask the job to stop and call nothing back."""
        self._is_discarded = True
        self._progress.cancel()

    @property
    def is_discarded(self) -> bool:
        return self._is_discarded

    @property
    def is_cancelled(self) -> bool:
        return self._progress.is_cancelled


@dataclass(frozen=True, kw_only=True)
class _Order(Generic[T]):
    """One job as its worker sees it."""

    task: Task
    progress: Progress
    work: Callable[[], T]
    done: Callable[[T], None] | None
    failed: Callable[[Exception], None] | None


class _Workers:
    """A fixed number of threads that take orders from one queue; they start with the first order.

    The threads are daemons so that a job which never comes back cannot keep a closed window's process alive: the
    shutdown waits for a bounded time, and a transaction cut off there is rolled back like after a power loss.
    """

    def __init__(self, name: str, size: int, execute: Callable[[_Order[Any]], None]) -> None:
        self._name = name
        self._size = size
        self._execute = execute
        self._orders: SimpleQueue[_Order[Any] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def put(self, order: _Order[Any]) -> None:
        self._orders.put(order)
        if len(self._threads) < self._size:
            thread = threading.Thread(target=self._serve, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        while (order := self._orders.get()) is not None:
            self._execute(order)

    def close(self) -> None:
        for _ in self._threads:
            self._orders.put(None)

    def join(self, deadline: float) -> tuple[str, ...]:
        """Wait until the deadline; the names of threads that are still at work."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return tuple(thread.name for thread in self._threads if thread.is_alive())


class Tasks(QObject):
    """Runs plain functions on workers and delivers what they return to bound methods on the GUI thread."""

    started = Signal(object)
    """A Task was given out."""
    progressed = Signal(object)
    """A Task said how far it is."""
    ended = Signal(object)
    """A Task is over, however it ended."""
    user_error_raised = Signal(str, object)
    """A job nobody handles the failure of ended in a UserError: its label and the error."""
    bug_found = Signal(object)
    """A job raised something nobody foresaw: the exception, for the crash dialog."""

    _finished = Signal(object, object, object)
    _began = Signal(object)
    _reported = Signal(object, object, str)

    def __init__(self, parent: QObject | None = None, *, pool_size: int = 2) -> None:
        super().__init__(parent)
        self._database = _Workers("labmon-database", 1, self._execute)
        self._pool = _Workers("labmon-pool", pool_size, self._execute)
        self._running: list[Task] = []
        self._is_closed = False
        self._garbage = GarbageTimer(self)
        queued = Qt.ConnectionType.QueuedConnection
        self._began.connect(self._deliver_began, queued)
        self._reported.connect(self._deliver_report, queued)
        self._finished.connect(self._deliver_end, queued)

    @property
    def running(self) -> tuple[Task, ...]:
        """Waiting and running tasks, oldest first."""
        return tuple(self._running)

    def run(
        self,
        job: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        *,
        label: str,
        database: bool = False,
    ) -> Task:
        """Run a short job; it can be cancelled only while it waits.

        `done` gets what it returned, `failed` what it raised (UserError, Cancelled or anything else); exactly one of
        them is called, on the GUI thread, unless the task was discarded or its receiver no longer exists.
        """
        progress, task = self._new_task(label, can_cancel=False)
        return self._give_out(
            _Order(task=task, progress=progress, work=job, done=done, failed=failed), database=database
        )

    def run_with_progress(
        self,
        job: Callable[[Progress], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        *,
        label: str,
        database: bool = False,
    ) -> Task:
        """Run a long job that takes a Progress: it reports its steps and stops when the person cancels. See `run`."""
        progress, task = self._new_task(label, can_cancel=True)
        return self._give_out(
            _Order(task=task, progress=progress, work=partial(job, progress), done=done, failed=failed),
            database=database,
        )

    def shut_down(self, timeout_s: float = 5.0) -> tuple[str, ...]:
        """Cancel everything and wait, at most `timeout_s`; the names of threads that would not stop."""
        self._is_closed = True
        for task in self._running:
            task.discard()
        for workers in (self._pool, self._database):
            workers.close()
        deadline = time.monotonic() + timeout_s
        stuck = self._pool.join(deadline) + self._database.join(deadline)
        self._garbage.stop()
        if stuck:
            _log.warning("left running at the end: %s", ", ".join(stuck))
        return stuck

    def _new_task(self, label: str, *, can_cancel: bool) -> tuple[Progress, Task]:
        def report(fraction: float | None, text: str) -> None:
            if not self._is_closed:
                self._reported.emit(task, fraction, text)

        progress = Progress(report)
        task = Task(label, progress, can_cancel=can_cancel)
        return progress, task

    def _give_out(self, order: _Order[Any], *, database: bool) -> Task:
        if self._is_closed:  # a page may still ask while the window closes; nobody would receive the answer
            order.task.discard()
            order.task.state = TaskState.ENDED
            return order.task
        self._running.append(order.task)
        self.started.emit(order.task)
        (self._database if database else self._pool).put(order)
        return order.task

    def _execute(self, order: _Order[Any]) -> None:
        """On the worker's thread: do the work and send its outcome home."""
        result: object = None
        error: Exception | None = None
        try:
            order.progress.raise_if_cancelled()
            if not self._is_closed:
                self._began.emit(order.task)
            result = order.work()
        except Exception as raised:  # noqa: BLE001 - the job runner: what it is gets sorted out on the GUI thread
            error = raised
        if not self._is_closed:
            self._finished.emit(order, result, error)

    @Slot(object)
    def _deliver_began(self, task: Task) -> None:
        task.state = TaskState.RUNNING
        self.progressed.emit(task)

    @Slot(object, object, str)
    def _deliver_report(self, task: Task, fraction: float | None, text: str) -> None:
        if task.state is not TaskState.ENDED:
            task.fraction, task.text = fraction, text
            self.progressed.emit(task)

    @Slot(object, object, object)
    def _deliver_end(self, order: _Order[Any], result: object, error: Exception | None) -> None:
        task = order.task
        task.state = TaskState.ENDED
        self._running.remove(task)
        self.ended.emit(task)
        if error is not None and not isinstance(error, (UserError, Cancelled)):
            self.bug_found.emit(error)
        if task.is_discarded:
            return
        if error is None:
            if order.done is not None and _receiver_exists(order.done):
                order.done(result)
        elif order.failed is not None:
            if _receiver_exists(order.failed):
                order.failed(error)
        elif isinstance(error, UserError):
            self.user_error_raised.emit(task.label, error)


def _receiver_exists(callback: Callable[..., None]) -> bool:
    """False when the callback is a method of a Qt object whose C++ half is gone, e.g. of a closed dialog."""
    while isinstance(callback, partial):
        callback = callback.func
    owner = getattr(callback, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)
