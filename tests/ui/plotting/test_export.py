"""The figure as a file: what the screen shows stands at the same places in PNG, SVG and PDF."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import parse
from PySide6.QtGui import QColor, QImage

from labmon.reports.figures import FigureSpec, MarkPlace
from labmon_ui.palette import DARK, LIGHT
from labmon_ui.plotting import export, frame
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.geometry import Geometry
from labmon_ui.plotting.ink import Ink

SVG = "{http://www.w3.org/2000/svg}"
Matrix = tuple[float, float, float, float, float, float]


@pytest.fixture
def svg(qapp, tmp_path: Path, figure: FigureSpec) -> Any:
    path = tmp_path / "figure.svg"
    export.render_svg(figure, path, LIGHT)
    return parse(path).getroot()


@pytest.fixture
def geometry(canvas: TimelineCanvas) -> Geometry:
    found = canvas.layout_geometry
    assert found is not None
    return found


def matrix_of(element: Any) -> Matrix:
    numbers = re.findall(r"-?[\d.]+(?:e-?\d+)?", element.get("transform", "").removeprefix("matrix"))
    a, b, c, d, e, f = (float(number) for number in numbers) if len(numbers) == 6 else (1, 0, 0, 1, 0, 0)
    return a, b, c, d, e, f


def drawn_shapes(root: Any) -> list[tuple[str, float, float]]:
    """Fill colour and centre of every path that is no larger than a mark, in figure units."""
    shapes = []
    for group in root.iter(f"{SVG}g"):
        a, b, c, d, e, f = matrix_of(group)
        for path in group.findall(f"{SVG}path"):
            numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", path.get("d", ""))]
            xs, ys = numbers[0::2], numbers[1::2]
            if not xs or len(xs) != len(ys):
                continue
            left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
            if (right - left) * abs(a) > 16 or (bottom - top) * abs(d) > 16:
                continue
            x, y = (left + right) / 2, (top + bottom) / 2
            shapes.append((group.get("fill", ""), a * x + c * y + e, b * x + d * y + f))
    return shapes


def written(root: Any) -> list[tuple[str, float, float]]:
    """Every text with its place, in figure units."""
    texts = []
    for group in root.iter(f"{SVG}g"):
        a, _, _, d, e, f = matrix_of(group)
        for text in group.findall(f"{SVG}text"):
            x, y = float(text.get("x", "nan")), float(text.get("y", "nan"))
            texts.append((text.text or "", a * x + e, d * y + f))
    return texts


def test_that_every_point_of_the_svg_stands_at_its_day_and_value(
    svg: Any, figure: FigureSpec, geometry: Geometry
) -> None:
    shapes = drawn_shapes(svg)

    for box in geometry.panels:
        for series, mark in box.panel.marks():
            if mark.place is not MarkPlace.AXIS or mark.state != "quantified" or mark.is_excluded:
                continue
            if series.symbol == "plus":
                continue  # a plus has no fill to find it by
            assert mark.height is not None
            colour = getattr(LIGHT, series.key.value).lower()
            near = [
                (x, y)
                for fill, x, y in shapes
                if fill == colour and abs(x - geometry.x(mark.day)) < 0.1 and abs(y - box.y(mark.height)) < 0.8
            ]
            assert near, (box.panel.key, mark.ref)


def test_that_every_tick_of_the_svg_stands_at_its_value(svg: Any, geometry: Geometry) -> None:
    texts = written(svg)

    box = geometry.panels[0]
    for tick in box.panel.axis.ticks:
        assert any(text == tick.text and abs(y - 4 - box.y(tick.value)) < 0.1 for text, _, y in texts), tick


def test_that_every_day_of_the_svg_stands_at_its_place(svg: Any, geometry: Geometry) -> None:
    texts, ink = written(svg), Ink(LIGHT)

    for day in frame.axis_days(geometry, ink):
        word = frame.day_text(day)
        left = geometry.x(day) - ink.width(word, 11) / 2
        assert any(text == word and abs(x - left) < 0.1 for text, x, _ in texts), day


def test_that_the_words_of_the_svg_are_text(svg: Any) -> None:
    words = [text for text, _, _ in written(svg)]

    assert "Transgene" in words
    assert "R2 recovery ≥ 3 % of lymphocytes" in words
    assert "not detected, at the sensitivity earned (F flow, N NGS)" in words


def test_that_an_svg_has_the_figure_s_size_in_pixels_of_96_an_inch(svg: Any) -> None:
    assert "0 0 792 768" == svg.get("viewBox")
    assert "209.55mm" == svg.get("width")


def test_that_open_symbols_stay_open_in_the_svg(svg: Any, geometry: Geometry) -> None:
    box = geometry.panels[0]
    at = geometry.x(88), box.y(50)
    fills = {fill for fill, x, y in drawn_shapes(svg) if abs(x - at[0]) < 0.1 and abs(y - at[1]) < 0.1}

    assert {LIGHT.surface.lower()} == fills


@pytest.mark.parametrize("dpr", [1.0, 2.0, 3.0])
def test_that_a_point_of_the_png_stands_at_its_place_at_any_resolution(
    qapp, tmp_path: Path, figure: FigureSpec, geometry: Geometry, dpr: float
) -> None:
    path = tmp_path / "figure.png"
    export.render_png(figure, path, LIGHT, dpr=dpr)
    image = QImage(str(path))

    assert (792 * dpr, 768 * dpr) == (image.width(), image.height())
    box = geometry.panels[0]
    for day, value in ((3, 312), (10, 41300), (60, 214)):
        seen = image.pixelColor(round(geometry.x(day) * dpr), round(box.y(value) * dpr))
        assert QColor(LIGHT.transgene) == seen


def test_that_a_line_of_the_png_is_as_thick_at_two_pixels_a_pixel(qapp, figure: FigureSpec, geometry: Geometry) -> None:
    def thickness(dpr: float) -> float:
        image = export.image(figure, LIGHT, dpr=dpr)
        box = geometry.panels[0]
        x = round((geometry.x(21) + geometry.x(28)) / 2 * dpr)
        rows = range(round(box.y(20000) * dpr), round(box.y(1500) * dpr))
        return sum(image.pixelColor(x, y).blueF() - image.pixelColor(x, y).redF() > 0.3 for y in rows) / dpr

    assert abs(thickness(2.0) - thickness(1.0)) <= 1
    assert thickness(4.0) > 1.4


def test_that_a_figure_with_many_panels_becomes_taller_instead_of_losing_one(
    qapp, tmp_path: Path, figure: FigureSpec
) -> None:
    crowded = replace(figure, panels=figure.panels + figure.panels)
    image = export.image(crowded, LIGHT, height=600, dpr=1.0)

    assert image.height() > 900


def test_that_the_dark_figure_stands_on_the_dark_surface(qapp, figure: FigureSpec) -> None:
    assert QColor(DARK.surface) == export.image(figure, DARK, dpr=1.0).pixelColor(2, 2)


def test_that_a_pdf_is_one_page_of_the_figure_s_size_with_its_words(qapp, tmp_path: Path, figure: FigureSpec) -> None:
    path = tmp_path / "figure.pdf"
    export.render_pdf(figure, path, LIGHT)
    content = path.read_bytes()

    assert content.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594.000000 576.000000]" in content
    assert 1 == content.count(b"/Type /Page\n")
    assert b"Inter" in content


def test_that_a_file_that_cannot_be_written_is_an_error_and_not_silence(
    qapp, tmp_path: Path, figure: FigureSpec
) -> None:
    for render in (export.render_png, export.render_svg, export.render_pdf):
        with pytest.raises(FileNotFoundError):
            render(figure, tmp_path / "absent" / "figure", LIGHT)
