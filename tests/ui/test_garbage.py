import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from labmon_ui.garbage import GarbageTimer
from labmon_ui.tasks import Tasks


class Ring:
    """Refers to itself, as a closed dialog does; only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def churn() -> None:
    """Allocates what would make Python collect several times."""
    rings = [[[]] for _ in range(200_000)]
    del rings


def test_that_a_worker_never_frees_what_belongs_to_the_gui_thread(tasks: Tasks, qtbot: QtBot) -> None:
    freed_by: list[threading.Thread] = []
    weakref.finalize(Ring(), lambda: freed_by.append(threading.current_thread()))

    with qtbot.waitSignal(tasks.ended):
        tasks.run(churn, label="churn", database=True)
    assert freed_by == []

    gc.collect()
    assert freed_by == [threading.main_thread()]


def test_that_the_timer_frees_what_was_left_and_hands_the_garbage_back(qapp) -> None:
    gc.collect()
    freed: list[bool] = []
    timer = GarbageTimer()
    weakref.finalize(Ring(), freed.append, True)
    keep = [[] for _ in range(gc.get_threshold()[0] + 100)]

    timer.collect()
    timer.stop()

    assert keep
    assert freed == [True]
    assert gc.isenabled()
