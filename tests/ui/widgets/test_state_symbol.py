from itertools import combinations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from labmon.domain.finding import CriterionState, FlagState
from labmon_ui.palette import DARK, LIGHT
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, paint_state, state_icon, state_pixmap


def without_colour(state: StateSymbol) -> list[int]:
    """The symbol as a black-and-white printer shows it: ink or paper, for every pixel."""
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_state(painter, QRectF(0, 0, 64, 64), state, LIGHT)
    painter.end()
    return [int(image.pixelColor(x, y).lightness() < 170) for y in range(64) for x in range(64)]


def test_that_no_two_symbols_look_alike_without_colour(qapp) -> None:
    drawn = {state: without_colour(state) for state in StateSymbol}

    for one, other in combinations(StateSymbol, 2):
        difference = sum(a != b for a, b in zip(drawn[one], drawn[other], strict=True))
        assert difference > 120, f"{one} and {other} differ in {difference} of 4096 pixels"


@pytest.mark.parametrize("state", StateSymbol)
def test_that_a_symbol_stays_inside_its_square(qapp, state: StateSymbol) -> None:
    image = QImage(96, 96, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_state(painter, QRectF(32, 32, 32, 32), state, DARK)
    painter.end()

    inked = [(x, y) for y in range(96) for x in range(96) if image.pixelColor(x, y).alpha() > 0]
    assert inked
    assert all(31 <= x <= 64 and 31 <= y <= 64 for x, y in inked)


def test_that_every_state_of_a_finding_and_of_a_criterion_has_its_symbol() -> None:
    assert {StateSymbol(state.value) for state in (*FlagState, *CriterionState)} <= set(StateSymbol)


def test_that_a_symbol_is_sharp_on_a_dense_screen(qapp) -> None:
    pixmap = state_pixmap(StateSymbol.HELD, LIGHT, 16, 2.0)

    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)
    assert state_icon(StateSymbol.HELD, LIGHT).availableSizes()


def test_that_the_colours_of_a_symbol_follow_the_theme(look: Look) -> None:
    light = state_pixmap(StateSymbol.FLAG, LIGHT, 16).toImage()
    dark = state_pixmap(StateSymbol.FLAG, DARK, 16).toImage()

    assert light.pixelColor(6, 5).name().upper() == LIGHT.amber
    assert dark.pixelColor(6, 5).name().upper() == DARK.amber
