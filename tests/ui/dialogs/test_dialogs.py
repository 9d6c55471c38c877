from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from labmon_ui.crash import CrashReport
from labmon_ui.dialogs.crash import CrashDialog
from labmon_ui.dialogs.message import MessageDialog
from labmon_ui.dialogs.reason import ReasonDialog
from labmon_ui.texts import Message
from labmon_ui.widgets.button import Button
from labmon_ui.widgets.look import Look

REASONS = ("sample swap suspected", "duplicate measurement")


def button(dialog: QDialog, text: str) -> Button:
    return next(button for button in dialog.findChildren(Button) if button.text() == text)


def texts_in(widget: QWidget) -> set[str]:
    return {label.text() for label in widget.findChildren(QLabel) if label.text()}


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def reason_dialog(look: Look, window: QWidget) -> ReasonDialog:
    dialog = ReasonDialog(look, "Exclude transgene, day 42", REASONS, "Exclude", window)
    dialog.open()
    return dialog


def choose(dialog: ReasonDialog, words: str) -> None:
    next(choice for choice in dialog.findChildren(QRadioButton) if choice.text() == words).click()


def test_that_no_reason_means_no_change(reason_dialog: ReasonDialog) -> None:
    exclude = button(reason_dialog, "Exclude")

    assert not exclude.isEnabled()
    assert "Choose a reason first." in texts_in(reason_dialog)


def test_that_a_reason_from_the_list_is_given_with_its_remark(reason_dialog: ReasonDialog, qtbot: QtBot) -> None:
    choose(reason_dialog, "sample swap suspected")
    reason_dialog.findChild(QPlainTextEdit).setPlainText("  see the\nlaboratory book ")

    with qtbot.waitSignal(reason_dialog.reason_given) as given:
        button(reason_dialog, "Exclude").click()

    assert given.args == ["sample swap suspected; see the laboratory book"]


def test_that_another_reason_has_to_be_typed(reason_dialog: ReasonDialog, qtbot: QtBot) -> None:
    choose(reason_dialog, "Another reason")
    assert not button(reason_dialog, "Exclude").isEnabled()
    assert "Type the reason first." in texts_in(reason_dialog)

    reason_dialog.findChild(QPlainTextEdit).setPlainText("drawn from the central line")
    with qtbot.waitSignal(reason_dialog.reason_given) as given:
        button(reason_dialog, "Exclude").click()

    assert given.args == ["drawn from the central line"]


def test_that_escape_gives_no_reason(reason_dialog: ReasonDialog, qtbot: QtBot) -> None:
    choose(reason_dialog, "duplicate measurement")

    with qtbot.assertNotEmitted(reason_dialog.reason_given):
        qtbot.keyClick(reason_dialog, Qt.Key.Key_Escape)

    assert reason_dialog.result() == QDialog.DialogCode.Rejected


def test_that_a_message_says_what_where_what_was_kept_and_what_to_do(look: Look, window: QWidget) -> None:
    message = Message(
        title="run.xlsx was not imported",
        what="A cell could not be read.",
        where="Results!C84",
        kept="Nothing was written.",
        advice="Look at the original row.",
        code="I016",
    )
    dialog = MessageDialog(look, message, window, action="Open the row")
    dialog.open()

    assert {message.title, message.what, message.where, message.kept, message.advice, "I016"} <= texts_in(dialog)
    button(dialog, "Open the row").click()
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_that_a_dialog_is_as_tall_as_its_wrapped_text_needs_and_no_taller(look: Look, window: QWidget) -> None:
    message = Message(
        title="demo_run_0419.xlsx was not imported",
        what="On record for DEMO-019, transgene: 29.18. This file says 29.81. Both stand in the same specimen.",
        kept="Nothing of this file was written; the other files are safe and stay where they are in the list.",
        advice="Keep as repeat, replace, or reject this row.",
    )
    dialog = MessageDialog(look, message, window)
    dialog.open()

    layout = dialog.layout()
    assert layout is not None
    assert dialog.height() == layout.totalHeightForWidth(dialog.width())
    for label in dialog.findChildren(QLabel):
        if label.wordWrap() and label.text():
            assert label.height() >= label.heightForWidth(label.width())


@pytest.fixture
def crash_dialog(look: Look, window: QWidget) -> CrashDialog:
    dialog = CrashDialog(look, CrashReport(summary="KeyError: 'x'", text="labmon: 0.1.0\n…"), window)
    dialog.open()
    return dialog


def test_that_a_report_is_shown_whole_copied_whole_and_saved_whole(crash_dialog: CrashDialog, tmp_path: Path) -> None:
    button(crash_dialog, "Copy").click()
    crash_dialog.save(str(tmp_path / "report.txt"))

    shown = crash_dialog.findChild(QPlainTextEdit).toPlainText()
    assert shown == QGuiApplication.clipboard().text() == (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_that_a_report_that_cannot_be_saved_says_why(crash_dialog: CrashDialog, tmp_path: Path) -> None:
    crash_dialog.save(str(tmp_path / "no such folder" / "report.txt"))

    assert any("cannot be written: No such file or directory" in text for text in texts_in(crash_dialog))
