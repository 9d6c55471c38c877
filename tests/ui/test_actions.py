from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from labmon_ui.actions import Actions, Command


def test_that_no_two_commands_share_their_keys() -> None:
    keys = [QKeySequence(command.value.shortcut).toString() for command in Command]
    pages = [f"Ctrl+{number}" for number in range(1, 10)]

    assert all(keys)
    assert len(set(keys + pages)) == len(keys) + len(pages)


def test_that_only_bound_commands_are_in_the_overview(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions()
    opened: list[str] = []
    actions.bind_page(1, "Worklist", window, lambda: opened.append("worklist"))
    action = actions.bind(Command.ADD_FILES, window, lambda: opened.append("files"))

    action.trigger()

    assert opened == ["files"]
    assert actions.overview() == (
        ("Pages", (("Open Worklist", "Ctrl+1"),)),
        ("Import", (("Add files", "Ctrl+O"),)),
    )
