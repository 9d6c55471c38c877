import sys
import threading

import pytest
from pytestqt.qtbot import QtBot

from labmon.domain.errors import Cancelled
from labmon_ui.crash import CrashHook, CrashReport

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


def fail(message: str) -> None:
    raise ValueError(message)


def caught(message: str) -> ValueError:
    try:
        fail(message)
    except ValueError as error:
        return error
    raise AssertionError("fail() fails")


@pytest.mark.logs("labmon_ui.crash", "unforeseen: row 1")
def test_that_one_place_is_shown_once_whatever_its_message(qtbot: QtBot) -> None:
    shown: list[CrashReport] = []
    hook = CrashHook(shown.append)

    for row in (1, 2, 3):
        hook.catch(caught(f"row {row}"))

    qtbot.waitUntil(lambda: bool(shown))
    qtbot.wait(0)
    assert [report.summary for report in shown] == ["ValueError: row 1"]
    assert "in fail" in shown[0].text
    assert "SQLite: " in shown[0].text


def test_that_a_change_of_mind_is_no_crash(qtbot: QtBot) -> None:
    shown: list[CrashReport] = []
    hook = CrashHook(shown.append)

    hook.catch(Cancelled())
    qtbot.wait(0)

    assert shown == []


@pytest.mark.logs("labmon_ui.crash", "unforeseen: from a thread")
def test_that_a_crash_in_any_thread_is_shown_on_the_gui_thread(qtbot: QtBot) -> None:
    shown: list[int] = []
    hook = CrashHook(lambda _report: shown.append(threading.get_ident()))
    before = (sys.excepthook, threading.excepthook)
    hook.install()
    try:
        thread = threading.Thread(target=fail, args=("from a thread",))
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: bool(shown))
    finally:
        hook.uninstall()

    assert shown == [threading.get_ident()]
    assert (sys.excepthook, threading.excepthook) == before


@pytest.mark.logs("labmon_ui.crash", "unforeseen: at the top")
def test_that_what_reaches_the_top_is_shown(qtbot: QtBot) -> None:
    shown: list[CrashReport] = []
    hook = CrashHook(shown.append)
    error = caught("at the top")

    hook.install()
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        hook.uninstall()

    qtbot.waitUntil(lambda: bool(shown))
    assert shown[0].summary == "ValueError: at the top"
