"""The model's curve on the paper: dashed over its band, inside the axes, told apart from what was measured."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from labmon.reports.figures import FigureSpec, KeyEntry, ModelLine, SeriesKey
from labmon_ui.palette import LIGHT
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.frame import key_words

DAYS = (0.0, 28.0, 116.0)
LEVEL = 6000.0


@pytest.fixture
def modelled(canvas: TimelineCanvas, figure: FigureSpec, qtbot: QtBot) -> TimelineCanvas:
    """The canvas with a level curve between 2,000 and 20,000 copies/µg."""
    line = ModelLine(
        key=SeriesKey.TRANSGENE,
        days=DAYS,
        values=(LEVEL,) * 3,
        low=(2000.0,) * 3,
        high=(20_000.0,) * 3,
        text="model-assisted, population-informed",
    )
    first, *others = figure.panels
    canvas.set_spec(replace(figure, panels=(replace(first, model=line), *others)))
    return canvas


def picture(canvas: TimelineCanvas) -> QImage:
    return canvas.grab().toImage()


def at(canvas: TimelineCanvas, image: QImage, day: float, value: float) -> QColor:
    geometry = canvas.layout_geometry
    assert geometry is not None
    scale = image.devicePixelRatio()
    return image.pixelColor(round(geometry.x(day) * scale), round(geometry.panels[0].y(value) * scale))


def test_that_the_band_is_tinted_and_ends_with_the_curve(modelled: TimelineCanvas) -> None:
    image = picture(modelled)

    surface = QColor(LIGHT.surface)
    assert surface != at(modelled, image, 100, 12_000)
    assert surface == at(modelled, image, 100, 60_000)
    assert surface == at(modelled, image, -3, 12_000)


def test_that_the_curve_is_dashed(modelled: TimelineCanvas) -> None:
    image = picture(modelled)
    geometry = modelled.layout_geometry
    assert geometry is not None
    scale = image.devicePixelRatio()
    y = round(geometry.panels[0].y(LEVEL) * scale)
    left, right = round(geometry.x(95) * scale), round(geometry.x(114) * scale)
    blues = [
        min(
            (image.pixelColor(x, row) for row in (y - 1, y, y + 1)),
            key=lambda colour: colour.red(),
        ).red()
        for x in range(left, right)
    ]
    ink, band = QColor(LIGHT.transgene).red(), at(modelled, image, 100, 12_000).red()

    dark = [abs(red - ink) < abs(red - band) for red in blues]
    changes = sum(before != after for before, after in pairwise(dark))
    assert any(dark)
    assert changes >= 2


def test_that_the_key_tells_the_model_from_what_was_measured(modelled: TimelineCanvas) -> None:
    spec = modelled.spec
    assert spec is not None

    assert KeyEntry.MODEL == spec.key_entries[-1]
    assert "model; no rule reads it (model-assisted, population-informed)" == key_words(KeyEntry.MODEL, spec)


def test_that_a_curve_below_the_axis_is_not_drawn_along_its_edge(modelled: TimelineCanvas) -> None:
    geometry = modelled.layout_geometry
    spec = modelled.spec
    assert geometry is not None
    assert spec is not None
    first, *others = spec.panels
    assert first.model is not None
    low = replace(first.model, values=(1e-3,) * 3, low=(1e-4,) * 3, high=(1e-2,) * 3)
    modelled.set_spec(replace(spec, panels=(replace(first, model=low), *others)))
    with_curve = picture(modelled)
    elsewhere = replace(first.model, days=(500.0, 600.0, 700.0))
    modelled.set_spec(replace(spec, panels=(replace(first, model=elsewhere), *others)))

    box = geometry.panels[0]
    top, bottom = round(box.plot_top), round(box.plot_bottom)
    scale = with_curve.devicePixelRatio()
    without = picture(modelled)
    for y in range(round(top * scale), round(bottom * scale)):
        for day in (2.0, 50.0, 110.0):
            x = round(geometry.x(day) * scale)
            assert with_curve.pixelColor(x, y) == without.pixelColor(x, y), (day, y)
