"""What the tests of the window share: one theme and its icons."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from labmon.resources import resource_path
from labmon_ui.icons import Icons
from labmon_ui.tasks import Tasks
from labmon_ui.theme import Mode, Theme
from labmon_ui.widgets.look import Look


@pytest.fixture
def look(qapp, qtbot: QtBot) -> Iterator[Look]:
    """A light theme at 100 %, with icons loaded; taken off the application afterwards."""
    theme = Theme(qapp, resource_path(), Mode.LIGHT)
    icons = Icons(theme)
    icons.load()
    yield Look(theme, icons)
    # A widget that outlives the style sheet it was polished with leaves Qt a pointer to nothing: the next one crashes.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setStyleSheet("")
    theme.setParent(None)


@pytest.fixture
def tasks(qapp) -> Iterator[Tasks]:
    workers = Tasks()
    yield workers
    assert workers.shut_down(5.0) == ()
