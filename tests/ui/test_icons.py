import json
import re
from pathlib import Path

import pytest
import qtawesome
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

import labmon_ui
from labmon.resources import resource_path
from labmon_ui.icons import Icons
from labmon_ui.theme import Mode, Theme
from labmon_ui.widgets.look import Look

SOURCES = sorted(Path(labmon_ui.__file__).parent.rglob("*.py"))


def named_icons() -> set[str]:
    pattern = re.compile(r'(?:icon=|IconView\(\w+, |set_icon\(|put_on\(\w+, |_entry\(row, )"([a-z0-9-]+)"')
    return {name for source in SOURCES for name in pattern.findall(source.read_text(encoding="utf-8"))}


def test_that_every_icon_the_window_names_exists() -> None:
    (charmap,) = (Path(qtawesome.__file__).parent / "fonts").glob("phosphor-charmap-*.json")
    known = set(json.loads(charmap.read_text(encoding="utf-8")))

    assert len(named_icons()) > 5
    assert named_icons() <= known


def test_that_icons_cost_nothing_before_they_are_loaded(qapp, qtbot: QtBot) -> None:
    icons = Icons(Theme(qapp, resource_path(), Mode.LIGHT))
    button = QPushButton("Save")
    qtbot.addWidget(button)
    icons.put_on(button, "floppy-disk")
    assert button.icon().isNull()

    with qtbot.waitSignal(icons.loaded):
        icons.load()

    assert not button.icon().isNull()
    qapp.setStyleSheet("")


def test_that_icons_follow_the_theme(look: Look, qtbot: QtBot) -> None:
    button = QPushButton("Save")
    qtbot.addWidget(button)
    look.icons.put_on(button, "floppy-disk")
    before = button.icon().pixmap(16, 16).toImage()

    look.theme.set_mode(Mode.DARK)

    assert button.icon().pixmap(16, 16).toImage() != before


def test_that_an_icon_nobody_has_is_an_error(look: Look) -> None:
    with pytest.raises(Exception, match="no-such-icon"):
        look.icons.icon("no-such-icon").pixmap(16, 16)
