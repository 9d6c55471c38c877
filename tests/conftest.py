"""The contract every test signs: silent, alone, and gone when it is over.

No stray log record, no thread and no child process left behind, nothing of the user touched. Warnings and Qt messages
are errors by `[tool.pytest.ini_options]`.
"""

import logging
import os
import re
import shutil
import sys
import sysconfig
import tempfile
import threading
import traceback
import weakref
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
CORPUS = CHECKOUT.parent / "shared" / "corpus"

GRACE_SECONDS = 2.0
"""How long a thread or a child that was told to end may take to do so."""

USER_FOLDERS = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_DOCUMENTS_DIR": "home/Documents",
}

# Set before anything reads them: a QApplication chooses its platform, and session fixtures already need a home.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_session_home = Path(tempfile.mkdtemp(prefix="labmon-tests-"))
for _name in [name for name in os.environ if name.startswith("LABMON_")]:
    del os.environ[_name]
for _name, _folder in USER_FOLDERS.items():
    (_session_home / _folder).mkdir(parents=True, exist_ok=True)
    os.environ[_name] = str(_session_home / _folder)

hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_unconfigure() -> None:
    shutil.rmtree(_session_home, ignore_errors=True)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real exports that lies beside the checkout on some machines; skips, saying so, on the others."""
    if not CORPUS.is_dir():
        pytest.skip("corpus not present: tests on real exports did not run")
    return CORPUS


# --- the user's folders -----------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of this test's own; whatever asks for the user's folders gets it."""
    root = tmp_path_factory.mktemp("user", numbered=True)
    for name, folder in USER_FOLDERS.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(root / folder))
    qtcore = sys.modules.get("PySide6.QtCore")
    if qtcore is not None:  # QSettings remembers the first home it saw
        for settings_format in (qtcore.QSettings.Format.NativeFormat, qtcore.QSettings.Format.IniFormat):
            qtcore.QSettings.setPath(settings_format, qtcore.QSettings.Scope.UserScope, str(root / "home/.config"))
    return root / "home"


# --- stray log records ------------------------------------------------------------------------------------------------


class _Warnings(logging.Handler):
    """Keeps what was logged at WARNING or worse."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_stray_log_records(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails on a warning nobody announced, and on an announced one that did not come."""
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    announced = [(str(mark.args[0]), str(mark.args[1])) for mark in request.node.iter_markers("logs")]
    stray = [
        record
        for record in handler.records
        if not any(record.name == name and re.search(text, record.getMessage()) for name, text in announced)
    ]
    missing = [
        (name, text)
        for name, text in announced
        if not any(record.name == name and re.search(text, record.getMessage()) for record in handler.records)
    ]
    if stray:
        lines = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in stray]
        pytest.fail("logged without an announcement (@pytest.mark.logs):\n" + "\n".join(lines), pytrace=False)
    if missing:
        lines = [f"{name}: {text}" for name, text in missing]
        pytest.fail("announced by @pytest.mark.logs but never logged:\n" + "\n".join(lines), pytrace=False)


# --- threads and child processes --------------------------------------------------------------------------------------

_started_at: "weakref.WeakKeyDictionary[object, str]" = weakref.WeakKeyDictionary()
_LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
_running_qthreads: "weakref.WeakSet[object]" = weakref.WeakSet()


def _starting_line() -> str:
    """The innermost line outside of Python's own and other people's libraries, as a traceback would show it."""
    frames = [frame for frame in traceback.extract_stack()[:-2] if not frame.filename.startswith(("<", *_LIBRARIES))]
    return "".join(traceback.format_list(frames[-1:])) if frames else "  a place outside of labmon"


@pytest.fixture(scope="session", autouse=True)
def _remember_where_threads_start() -> Iterator[None]:
    start = threading.Thread.start

    def start_and_remember(thread: threading.Thread) -> None:
        _started_at[thread] = _starting_line()
        start(thread)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_and_remember)
        qtcore = sys.modules.get("PySide6.QtCore")
        if qtcore is not None:
            start_qthread = qtcore.QThread.start

            def start_qthread_and_remember(thread: object, *priority: object) -> None:
                _started_at[thread] = _starting_line()
                _running_qthreads.add(thread)
                start_qthread(thread, *priority)

            patch.setattr(qtcore.QThread, "start", start_qthread_and_remember)
        yield


@pytest.fixture(autouse=True)
def _nothing_left_running(_remember_where_threads_start: None) -> Iterator[None]:
    """Fails on a thread or a child process that outlives its test, and says where it was started."""
    threads_before = set(threading.enumerate())
    children_before = set(psutil.Process().children(recursive=True))
    yield
    left = _threads_left(threads_before) + _children_left(children_before)
    if left:
        pytest.fail("left running:\n" + "\n".join(left), pytrace=False)


def _threads_left(before: set[threading.Thread]) -> list[str]:
    left = []
    for thread in threading.enumerate():
        # A dummy thread is Python's name for somebody else's: Qt's are looked at below.
        if thread in before or isinstance(thread, threading._DummyThread):
            continue
        thread.join(GRACE_SECONDS)
        if thread.is_alive():
            left.append(f"thread {thread.name}, started at\n{_started_at.get(thread, '  an unknown place')}")
    qtcore = sys.modules.get("PySide6.QtCore")
    if qtcore is None:
        return left
    for qthread in list(_running_qthreads):
        _running_qthreads.discard(qthread)
        if _is_alive_in_qt(qthread) and not qthread.wait(int(GRACE_SECONDS * 1000)):  # type: ignore[attr-defined]
            left.append(f"QThread {qthread!r}, started at\n{_started_at.get(qthread, '  an unknown place')}")
    if not qtcore.QThreadPool.globalInstance().waitForDone(int(GRACE_SECONDS * 1000)):
        left.append("a job in Qt's global thread pool")
    return left


def _is_alive_in_qt(thing: object) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(thing))


def _children_left(before: set[psutil.Process]) -> list[str]:
    new = [child for child in set(psutil.Process().children(recursive=True)) - before if not _is_pythons_own(child)]
    _, alive = psutil.wait_procs(new, timeout=GRACE_SECONDS)
    left = []
    for child in alive:
        try:
            left.append(f"child process {child.pid}: {' '.join(child.cmdline())}")
            child.kill()  # it must not disturb the tests after this one
        except psutil.NoSuchProcess:
            continue
    return left


def _is_pythons_own(child: psutil.Process) -> bool:
    """multiprocessing keeps one resource tracker for the whole run and ends it with the interpreter."""
    try:
        return "multiprocessing.resource_tracker" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return True
