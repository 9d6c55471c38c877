from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from labmon_ui.actions import Command
from labmon_ui.texts import Message
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.focus_ring import FocusRing
from labmon_ui.widgets.key_value import KeyValue, KeyValueList
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.segmented import Segment, Segmented
from labmon_ui.widgets.state_page import StateStack


def texts_in(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget) and label.text()]


def test_that_a_disabled_button_says_why_in_words_and_to_a_screen_reader(look: Look, qtbot: QtBot) -> None:
    button = Button(look, "Accept this file", kind=ButtonKind.PRIMARY, command=Command.ACCEPT_FILE)
    qtbot.addWidget(button)
    reason = button.reason_label()
    qtbot.addWidget(reason)

    button.set_disabled_reason("Decide the conflict in row 84 first.")

    assert not button.isEnabled()
    assert reason.text() == button.toolTip() == button.accessibleDescription() == "Decide the conflict in row 84 first."

    button.set_disabled_reason("")

    assert button.isEnabled()
    assert reason.text() == ""
    assert button.toolTip() == "Accept this file (Ctrl+Return)"


def test_that_text_from_a_file_is_never_read_as_html(look: Look, qtbot: QtBot) -> None:
    label = Label("<b>run</b> & co")
    qtbot.addWidget(label)

    assert label.textFormat() is Qt.TextFormat.PlainText


def test_that_a_cut_text_is_whole_in_its_tooltip(look: Look, qtbot: QtBot) -> None:
    label = ElidedLabel("Demo records · local file · SQLite 3.51.3")
    qtbot.addWidget(label)
    label.show()

    label.resize(60, 20)
    assert label.toolTip() == label.text()

    label.resize(600, 20)
    assert label.toolTip() == ""


def test_that_choosing_a_segment_tells_its_key_once(look: Look, qtbot: QtBot) -> None:
    filters = Segmented(look, (Segment("all", "Everything", 11), Segment("overdue", "Overdue", 3)))
    qtbot.addWidget(filters)
    filters.show()
    overdue = filters._buttons["overdue"]
    chosen: list[str] = []
    filters.chosen.connect(chosen.append)

    qtbot.mouseClick(overdue, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(overdue, Qt.MouseButton.LeftButton)

    assert chosen == ["overdue"]
    assert filters.current == "overdue"


def test_that_new_counts_keep_the_chosen_segment(look: Look, qtbot: QtBot) -> None:
    filters = Segmented(look, (Segment("all", "Everything", 11), Segment("overdue", "Overdue", 3)), current="overdue")
    qtbot.addWidget(filters)

    filters.set_segments((Segment("all", "Everything", 9), Segment("overdue", "Overdue", 1)))
    assert filters.current == "overdue"

    filters.set_segments((Segment("all", "Everything", 8),))
    assert filters.current == "all"


def test_that_a_link_among_facts_leads_to_its_target(look: Look, qtbot: QtBot) -> None:
    facts = KeyValueList(look)
    qtbot.addWidget(facts)
    facts.show_pairs((KeyValue(name="State", value="detected"), KeyValue(name="File", value="run.xlsx", target="sha")))
    link = facts.findChild(QAbstractButton)
    assert link is not None

    with qtbot.waitSignal(facts.link_activated) as told:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)

    assert told.args == ["sha"]


def test_that_showing_other_facts_leaves_none_of_the_old(look: Look, qtbot: QtBot) -> None:
    facts = KeyValueList(look)
    qtbot.addWidget(facts)
    facts.show_pairs((KeyValue(name="State", value="detected"),))

    facts.show_pairs((KeyValue(name="State", value="not detected"),))

    assert texts_in(facts) == ["State", "not detected"]


def test_that_a_page_shows_one_state_at_a_time(look: Look, qtbot: QtBot) -> None:
    content = QLabel("the list")
    stack = StateStack(look, content)
    qtbot.addWidget(stack)
    stack.show()

    stack.show_loading("Reading run_22.csv, 62 %.", 0.62)
    assert texts_in(stack) == ["Reading run_22.csv, 62 %."]

    stack.show_empty("No files yet", "Drop a folder here or choose files.", action="Choose files…")
    assert texts_in(stack) == ["No files yet", "Drop a folder here or choose files."]
    action = next(button for button in stack.findChildren(Button) if button.isVisibleTo(stack))
    with qtbot.waitSignal(stack.action_triggered):
        qtbot.mouseClick(action, Qt.MouseButton.LeftButton)

    stack.show_failed(
        Message(title="Not read whole", what="Row 84 is no number.", where="Results!C84", kept="95 are kept.")
    )
    assert texts_in(stack) == ["Not read whole", "Results!C84: Row 84 is no number. 95 are kept."]
    assert not action.isVisibleTo(stack)

    stack.show_content()
    assert texts_in(stack) == ["the list"]


def test_that_the_focus_ring_is_for_the_keyboard_and_follows_it(look: Look, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    first, second, line = QPushButton("one"), QPushButton("two"), QLineEdit()
    for widget in (first, second, line):
        column.addWidget(widget)
    ring = FocusRing(look.theme, window)
    with qtbot.waitActive(window):
        window.show()

    qtbot.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=first.geometry().center())
    assert first.hasFocus()
    assert not ring.isVisible()

    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
    assert second.hasFocus()
    assert ring.isVisible()
    assert ring.geometry() == second.geometry().adjusted(-4, -4, 4, 4)

    window.resize(window.width() + 200, window.height() + 100)
    qtbot.waitUntil(lambda: ring.geometry() == second.geometry().adjusted(-4, -4, 4, 4))

    second.hide()
    assert not ring.isVisible() or ring.geometry() == line.geometry().adjusted(-4, -4, 4, 4)
