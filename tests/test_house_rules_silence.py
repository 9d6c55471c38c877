"""The suite's own contract: what tests/conftest.py forbids does fail a test, and what it allows does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from defusedxml import ElementTree

CHECKOUT = Path(__file__).resolve().parent.parent

TESTS = """
import logging
import os
import subprocess
import sys
import threading
import warnings

import platformdirs
import pytest
from PySide6.QtCore import QSettings, QThread, qWarning

stop = threading.Event()


def test_silent():
    logging.getLogger("labmon.records").info("a batch was committed")


def test_stray_log_record():
    logging.getLogger("labmon.records").warning("the disk is nearly full")


@pytest.mark.logs("labmon.records", "disk is .* full")
def test_announced_log_record():
    logging.getLogger("labmon.records").warning("the disk is nearly full")


@pytest.mark.logs("labmon.records", "disk is .* full")
def test_announced_log_record_that_never_comes():
    pass


@pytest.mark.logs("labmon.records", "disk is .* full")
def test_log_record_of_another_logger():
    logging.getLogger("labmon.records").warning("the disk is nearly full")
    logging.getLogger("labmon.reports").warning("the disk is nearly full")


def test_python_warning():
    warnings.warn("old", DeprecationWarning)


def test_qt_message(qapp):
    qWarning("a connection that never was")


def test_thread_left_behind():
    threading.Thread(target=stop.wait, daemon=True).start()


def test_thread_joined():
    stop.set()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    thread.join()


def test_qthread_left_behind(qapp):
    test_qthread_left_behind.thread = QThread()
    test_qthread_left_behind.thread.start()


def test_qthread_ended(qapp):
    test_qthread_left_behind.thread.quit()
    test_qthread_left_behind.thread.wait()
    thread = QThread()
    thread.start()
    thread.quit()
    thread.wait()


def test_child_process_left_behind():
    test_child_process_left_behind.child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_child_process_waited_for():
    test_child_process_left_behind.child.wait()
    subprocess.run([sys.executable, "-c", ""], check=True)


def test_folders(qapp):
    assert not platformdirs.user_data_dir("labmon").startswith(os.environ["REAL_HOME"])
    assert not platformdirs.user_config_dir("labmon").startswith(os.environ["REAL_HOME"])
    assert not os.path.expanduser("~").startswith(os.environ["REAL_HOME"])
    assert QSettings("labmon", "labmon").fileName().startswith(os.environ["HOME"])
    assert "LABMON_HOME" not in os.environ
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What became of each test above: "" when it passed, else the text of its failure."""
    folder = tmp_path_factory.mktemp("silence")
    (folder / "test_silence.py").write_text(TESTS)
    report = folder / "report.xml"
    home = folder / "real_home"
    environment = os.environ | {
        "PYTHONPATH": str(CHECKOUT / "tests"),
        "REAL_HOME": str(home),
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "LABMON_HOME": str(home / "labmon"),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(CHECKOUT / "pyproject.toml"), f"--rootdir={folder}"]
    command += ["-p", "conftest", "-p", "no:cacheprovider", f"--junitxml={report}", str(folder / "test_silence.py")]
    result = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )

    assert report.is_file(), result.stdout + result.stderr
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        problems = [
            problem.get("message", "") + (problem.text or "") for problem in case if problem.tag != "system-out"
        ]
        found[case.get("name", "")] = found.get(case.get("name", ""), "") + "".join(problems)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "test_silent",
        "test_announced_log_record",
        "test_thread_joined",
        "test_qthread_ended",
        "test_child_process_waited_for",
        "test_folders",
    ],
)
def test_that_a_test_which_keeps_the_contract_passes(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("test_stray_log_record", "WARNING labmon.records: the disk is nearly full"),
        ("test_announced_log_record_that_never_comes", "never logged"),
        ("test_log_record_of_another_logger", "WARNING labmon.reports"),
        ("test_python_warning", "DeprecationWarning: old"),
        ("test_qt_message", "a connection that never was"),
        ("test_thread_left_behind", "threading.Thread(target=stop.wait, daemon=True).start()"),
        ("test_qthread_left_behind", "test_qthread_left_behind.thread.start()"),
        ("test_child_process_left_behind", "time.sleep(60)"),
    ],
)
def test_that_a_test_which_breaks_the_contract_fails_and_says_how(
    outcomes: dict[str, str], name: str, reason: str
) -> None:
    assert reason in outcomes[name]
