"""Reads each file in a process of its own, started ahead: whatever a file does to a parser, this process lives on."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from labmon.domain.errors import BugError, Cancelled, UserError
from labmon.domain.issue import Place
from labmon.domain.reading import FileReading
from labmon.instruments import wire
from labmon.instruments.options import ReadOptions
from labmon.instruments.original import OriginalPart

T = TypeVar("T")

TIME_LIMIT_S = 20.0
_LARGEST_ANSWER = 256 << 20
_WATCH_INTERVAL_S = 0.05
_COMMAND = (sys.executable, "-m", "labmon.instruments.child_process")


class IsolatedReader:
    """Reads files in guarded child processes, one file each, and keeps spare ones warm. Safe to use from any thread.

    Close it, or use it as a context manager: it leaves no process behind.
    """

    def __init__(self, *, spares: int = 1, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._time_limit_s = time_limit_s
        self._wanted_spares = spares
        self._lock = threading.Lock()
        self._spares: list[subprocess.Popen[bytes]] = []
        self._working: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False
        self._refill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(
        self,
        path: Path,
        options: ReadOptions | None = None,
        *,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> FileReading:
        """What the file says. Raises UserError; I013 stands for everything a file can do to a process.

        `is_cancelled` is asked some twenty times a second; once it says yes, the process is killed and
        Cancelled raised.
        """
        return self._answer(path, options or ReadOptions(), wire.reading_from_json, is_cancelled)

    def original(self, path: Path, place: Place | None) -> OriginalPart:
        """The original rows of a file around a place. Raises UserError as `read`."""
        return self._answer(path, wire.OriginalAt(place=place), wire.original_from_json, None)

    def close(self) -> None:
        """End every process, those at work too; a read in another thread ends with Cancelled."""
        with self._lock:
            self._is_closed = True
            spares, self._spares = self._spares, []
            working = list(self._working)
        for process in working:
            process.kill()
        for process in spares:
            _end(process)

    def _answer(
        self,
        path: Path,
        wanted: ReadOptions | wire.OriginalAt,
        understand: Callable[[bytes], T],
        is_cancelled: Callable[[], bool] | None,
    ) -> T:
        process = self._take()
        watch = _Watch(process, self._time_limit_s, is_cancelled)
        try:
            _send(process, wire.question_to_json(str(path.absolute()), wanted))
            self._refill()  # the next process gets ready while this one reads
            answer = _receive(process)
        finally:
            watch.stop()
            _end(process)
            with self._lock:
                self._working.discard(process)
        if watch.was_cancelled or self._is_closed:
            raise Cancelled
        if watch.was_late:
            raise UserError("I013", detail=f"it took longer than {self._time_limit_s:g} s")
        if not answer:
            raise UserError("I013", detail=f"the reading process {_ending(process.returncode)}")
        try:
            return understand(answer)
        except wire.WireError as error:
            raise UserError("I013", detail="the reading process gave an answer that is none") from error

    def _take(self) -> subprocess.Popen[bytes]:
        """A spare process that still lives, else a fresh one."""
        with self._lock:
            if self._is_closed:
                raise BugError("a file was given to a closed reader")
            process = self._spares.pop(0) if self._spares else None
            if process is not None and process.poll() is not None:
                _end(process)
                process = None
            process = process or _start()
            self._working.add(process)
            return process

    def _refill(self) -> None:
        with self._lock:
            while not self._is_closed and len(self._spares) < self._wanted_spares:
                self._spares.append(_start())


class _Watch:
    """Kills a process when its time is over or the person has lost interest; one small thread while a file is read."""

    def __init__(
        self, process: subprocess.Popen[bytes], time_limit_s: float, is_cancelled: Callable[[], bool] | None
    ) -> None:
        self.was_late = False
        self.was_cancelled = False
        self._process = process
        self._deadline = time.monotonic() + time_limit_s
        self._is_cancelled = is_cancelled
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="labmon-reading-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(_WATCH_INTERVAL_S):
            self.was_late = time.monotonic() > self._deadline
            self.was_cancelled = self._is_cancelled is not None and self._is_cancelled()
            if self.was_late or self.was_cancelled:
                self._process.kill()
                return


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is the parent's to handle
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _send(process: subprocess.Popen[bytes], question: bytes) -> None:
    assert process.stdin is not None  # a pipe, see _start
    with contextlib.suppress(OSError):  # it died: there will be no answer, and that is said then
        process.stdin.write(question)
        process.stdin.close()


def _receive(process: subprocess.Popen[bytes]) -> bytes:
    """The process's whole answer; empty when it died before giving one."""
    assert process.stdout is not None  # a pipe, see _start
    answer = process.stdout.read(_LARGEST_ANSWER + 1)
    return answer if len(answer) <= _LARGEST_ANSWER else b"too long"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process if it lives, and leave neither a zombie nor an open pipe."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):  # what was not sent to a dead process is lost, on purpose
                pipe.close()


def _ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"died of it ({name})"
