from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from labmon_ui.palette import DARK, LIGHT, Tone
from labmon_ui.theme import Mode, TextSize, Weight
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


def test_that_switching_to_dark_repaints_everything_at_once(look: Look, qtbot: QtBot, qapp) -> None:
    label = Label("overdue 1 d", tone=Tone.AMBER)
    qtbot.addWidget(label)
    label.ensurePolished()
    assert label.palette().color(QPalette.ColorRole.WindowText).name().upper() == LIGHT.amber

    with qtbot.waitSignal(look.theme.changed):
        look.theme.set_mode(Mode.DARK)

    label.ensurePolished()
    assert look.theme.palette is DARK
    assert label.palette().color(QPalette.ColorRole.WindowText).name().upper() == DARK.amber
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window


def test_that_the_same_mode_again_changes_nothing(look: Look, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(look.theme.changed):
        look.theme.set_mode(Mode.LIGHT)


def test_that_without_an_override_the_system_decides(look: Look, qapp) -> None:
    look.theme.set_mode(Mode.SYSTEM)

    is_dark = qapp.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert look.theme.palette.is_dark is is_dark


def test_that_text_at_200_percent_is_twice_as_tall_and_no_taller(look: Look, qtbot: QtBot) -> None:
    label = Label("Worklist", size=TextSize.PAGE)
    qtbot.addWidget(label)
    label.ensurePolished()
    assert QFontInfo(label.font()).pixelSize() == 20

    look.theme.set_text_scale(300)

    label.ensurePolished()
    assert look.theme.text_scale == 200
    assert QFontInfo(label.font()).pixelSize() == 40
    assert look.theme.px(88) == 176


def test_that_the_bundled_font_is_used_in_its_three_weights(look: Look) -> None:
    weights = {weight: QFontInfo(look.theme.font(TextSize.BODY, weight)) for weight in Weight}

    assert {info.family() for info in weights.values()} == {"Inter"}
    assert [info.weight() for info in weights.values()] == [400, 500, 600]


def test_that_figures_stand_in_columns_in_painted_and_styled_text(look: Look, qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    label.ensurePolished()

    for font in (look.theme.font(), label.font()):
        metrics = QFontMetricsF(font)
        assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_that_the_hyphen_of_a_patient_code_is_not_spaced_like_a_figure(look: Look) -> None:
    metrics = QFontMetricsF(look.theme.font())

    assert metrics.horizontalAdvance("-") < 0.8 * metrics.horizontalAdvance("0")
