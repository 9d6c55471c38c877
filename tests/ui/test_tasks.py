import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from labmon.domain.errors import Cancelled, UserError
from labmon_ui.tasks import Progress, Tasks, TaskState


class Page(QObject):
    """Keeps what was delivered to it, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []
        self.errors: list[Exception] = []
        self.threads: set[QThread] = set()

    def done(self, result: object) -> None:
        self.results.append(result)
        self.threads.add(QThread.currentThread())

    def failed(self, error: Exception) -> None:
        self.errors.append(error)
        self.threads.add(QThread.currentThread())


def raises(error: Exception) -> Callable[[], None]:
    def job() -> None:
        raise error

    return job


def test_that_a_result_is_delivered_on_the_gui_thread(tasks: Tasks, qtbot: QtBot, qapp) -> None:
    page = Page()

    tasks.run(threading.get_ident, page.done, label="who are you")

    qtbot.waitUntil(lambda: bool(page.results))
    assert page.results != [threading.get_ident()]
    assert page.threads == {qapp.thread()}


def test_that_database_jobs_run_one_after_the_other_in_the_order_given(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    order: list[int] = []

    def touch(number: int) -> int:
        order.append(number)
        return threading.get_ident()

    for number in range(20):
        tasks.run(lambda number=number: touch(number), page.done, label="touch", database=True)

    qtbot.waitUntil(lambda: len(page.results) == 20)
    assert order == list(range(20))
    assert len(set(page.results)) == 1


def test_that_pure_work_does_not_wait_for_the_database(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    release = threading.Event()
    tasks.run(release.wait, label="long transaction", database=True)

    tasks.run(lambda: "curve", page.done, label="fit")

    qtbot.waitUntil(lambda: page.results == ["curve"])
    release.set()


def test_that_a_user_error_reaches_the_page_and_is_no_bug(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    error = UserError("R807", what="Patient", code="DEMO-999")

    with qtbot.assertNotEmitted(tasks.bug_found):
        tasks.run(raises(error), page.done, page.failed, label="open")
        qtbot.waitUntil(lambda: page.errors == [error])

    assert page.results == []


def test_that_a_user_error_nobody_handles_is_announced_with_its_job(tasks: Tasks, qtbot: QtBot) -> None:
    error = UserError("R803")

    with qtbot.waitSignal(tasks.user_error_raised) as announced:
        tasks.run(raises(error), label="Writing the report")

    assert announced.args == ["Writing the report", error]


def test_that_an_unforeseen_error_is_reported_and_the_page_told(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    error = ZeroDivisionError("made up")

    with qtbot.waitSignal(tasks.bug_found) as found:
        tasks.run(raises(error), page.done, page.failed, label="divide")

    qtbot.waitUntil(lambda: page.errors == [error])
    assert found.args == [error]


def test_that_a_long_job_stops_between_steps_when_cancelled(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    steps: list[int] = []
    started = threading.Event()

    def read(progress: Progress) -> str:
        while True:
            progress.raise_if_cancelled()
            steps.append(len(steps))
            started.set()

    task = tasks.run_with_progress(read, page.done, page.failed, label="Reading")
    assert started.wait(5)
    task.cancel()

    qtbot.waitUntil(lambda: bool(page.errors))
    assert isinstance(page.errors[0], Cancelled)
    assert page.results == []
    assert task.state is TaskState.ENDED


def test_that_what_finished_before_a_late_cancel_is_still_delivered(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    written = threading.Event()
    go_on = threading.Event()

    def commit(_progress: Progress) -> str:
        written.set()
        go_on.wait(5)
        return "written"

    task = tasks.run_with_progress(commit, page.done, page.failed, label="Writing", database=True)
    assert written.wait(5)
    task.cancel()
    go_on.set()

    qtbot.waitUntil(lambda: page.results == ["written"])
    assert page.errors == []


def test_that_a_job_cancelled_while_it_waits_never_starts(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    release = threading.Event()
    ran: list[str] = []
    tasks.run(release.wait, label="first", database=True)
    waiting = tasks.run(lambda: ran.append("second"), page.done, page.failed, label="second", database=True)

    waiting.cancel()
    release.set()

    qtbot.waitUntil(lambda: bool(page.errors))
    assert isinstance(page.errors[0], Cancelled)
    assert ran == []


def test_that_nothing_is_delivered_for_a_discarded_task(tasks: Tasks, qtbot: QtBot) -> None:
    page = Page()
    release = threading.Event()
    task = tasks.run(release.wait, page.done, page.failed, label="the patient looked at before")

    task.discard()
    with qtbot.waitSignal(tasks.ended):
        release.set()

    assert (page.results, page.errors) == ([], [])


def test_that_a_result_for_a_page_that_is_gone_is_dropped(tasks: Tasks, qtbot: QtBot) -> None:
    import shiboken6

    page = Page()
    release = threading.Event()
    tasks.run(release.wait, page.done, label="late")
    shiboken6.delete(page)

    with qtbot.waitSignal(tasks.ended):
        release.set()

    assert page.results == []


def test_that_progress_arrives_as_a_fraction_and_the_last_step_always(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[tuple[float | None, str]] = []
    tasks.progressed.connect(lambda task: seen.append((task.fraction, task.text)))

    def read(progress: Progress) -> None:
        for row in range(1, 1001):
            progress.step(row, 1000, f"row {row}")

    with qtbot.waitSignal(tasks.ended):
        tasks.run_with_progress(read, label="Reading")

    assert seen[-1] == (1.0, "row 1000")
    assert len(seen) < 100, "a thousand rows must not become a thousand repaints"


def test_that_an_unknown_total_gives_no_fraction(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[float | None] = []
    tasks.progressed.connect(lambda task: seen.append(task.fraction))

    with qtbot.waitSignal(tasks.ended):
        tasks.run_with_progress(lambda progress: progress.step(5, 0), label="Looking")

    assert set(seen) == {None}


def test_that_the_end_cancels_running_jobs_and_leaves_no_thread(qapp) -> None:
    tasks = Tasks()
    started = threading.Event()

    def forever(progress: Progress) -> None:
        while True:
            started.set()
            progress.raise_if_cancelled()

    tasks.run_with_progress(forever, label="endless", database=True)
    assert started.wait(5)

    assert tasks.shut_down(5.0) == ()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("labmon-")]


@pytest.mark.logs("labmon_ui.tasks", "left running at the end: labmon-pool-0")
def test_that_the_end_does_not_wait_forever_for_a_job_that_hangs(qapp) -> None:
    tasks = Tasks()
    started, release = threading.Event(), threading.Event()

    def hang() -> None:
        started.set()
        release.wait(30)

    tasks.run(hang, label="hangs")
    assert started.wait(5)

    assert tasks.shut_down(0.05) == ("labmon-pool-0",)
    release.set()


def test_that_a_job_given_out_after_the_end_is_not_run(qapp) -> None:
    tasks = Tasks()
    tasks.shut_down(1.0)
    page = Page()

    task = tasks.run(lambda: "late", page.done, label="late")

    assert task.state is TaskState.ENDED
    assert page.results == []
