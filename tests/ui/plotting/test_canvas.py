"""The timeline on the screen: what is drawn, and how it answers mouse and keyboard."""

import gc
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from labmon.reports.figures import FigureSpec, MarkPlace, Ribbon, RibbonSymbol, SeriesKey
from labmon_ui.palette import DARK, LIGHT
from labmon_ui.plotting import export
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.symbols import NEGATIVE_BAR


def position(canvas: TimelineCanvas, ref: str) -> QPoint:
    found = canvas.mark_position(ref)
    assert found is not None, ref
    return found.toPoint()


def picture(canvas: TimelineCanvas) -> QImage:
    return canvas.grab().toImage()


def has_colour_near(image: QImage, where: QPoint, colour: str, reach: int = 5) -> bool:
    wanted = QColor(colour)
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            seen = image.pixelColor(where.x() + dx, where.y() + dy)
            off = max(
                abs(seen.red() - wanted.red()),
                abs(seen.green() - wanted.green()),
                abs(seen.blue() - wanted.blue()),
            )
            if off <= 12:
                return True
    return False


def turn_wheel(canvas: TimelineCanvas, at: QPoint, steps: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_that_every_mark_with_a_place_is_drawn_in_its_series_colour(canvas: TimelineCanvas) -> None:
    image = picture(canvas)

    for panel, series, mark in canvas.spec.marks() if canvas.spec else ():
        if mark.place is MarkPlace.READOUT_ONLY:
            assert canvas.mark_position(mark.ref) is None
            continue
        name = "text3" if mark.is_excluded or not mark.earns_claim else series.key.value
        assert has_colour_near(image, position(canvas, mark.ref), getattr(LIGHT, name)), (panel.key, mark.ref)


def test_that_a_value_below_the_limit_is_open_and_a_quantified_one_filled(canvas: TimelineCanvas) -> None:
    image = picture(canvas)
    scale = image.devicePixelRatio()

    filled = image.pixelColor(position(canvas, "tg-10") * scale)
    opened = image.pixelColor(position(canvas, "cells-88") * scale)

    assert QColor(LIGHT.transgene) == filled
    assert QColor(LIGHT.surface) == opened


def test_that_a_value_not_detected_stands_in_the_strip_below_the_axis(canvas: TimelineCanvas) -> None:
    geometry = canvas.layout_geometry
    assert geometry is not None
    box = geometry.panels[0]

    assert box.rug is not None
    assert box.rug.top < position(canvas, "tg-116").y() < box.rug.bottom
    assert box.rug.top > box.plot_bottom


def test_that_a_negative_stands_at_the_sensitivity_it_earned(canvas: TimelineCanvas) -> None:
    geometry = canvas.layout_geometry
    assert geometry is not None
    box = next(box for box in geometry.panels if box.panel.key == "mrd")

    assert abs(position(canvas, "mrd-n88").y() - box.y(9.6e-6)) <= 1


def test_that_hovering_reads_all_panels_at_one_sample_day(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    qtbot.mouseMove(canvas.viewport(), position(canvas, "b-88"))

    assert canvas.cursor_day == 88


def test_that_the_cursor_stops_at_a_near_sample_and_runs_free_elsewhere(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    geometry = canvas.layout_geometry
    assert geometry is not None
    middle = int(geometry.panels[0].plot_top) + 5

    qtbot.mouseMove(canvas.viewport(), QPoint(int(geometry.x(21)) + 7, middle))
    assert canvas.cursor_day == 21
    qtbot.mouseMove(canvas.viewport(), QPoint(int(geometry.x(17.6)), middle))
    assert canvas.cursor_day == 18


def test_that_leaving_the_canvas_puts_the_cursor_back_on_the_selection(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    canvas.select("tg-60")
    canvas.show_cursor(14)
    assert canvas.cursor_day == 14

    canvas.show_cursor(None)

    assert canvas.cursor_day == 60


def test_that_clicking_a_mark_says_which_result_it_is(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.mark_selected) as heard:
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=position(canvas, "tg-88"))

    assert ["tg-88"] == heard.args
    assert "tg-88" == canvas.selected
    assert "< 50 copies/µg (detected)" in canvas.accessibleDescription()


def test_that_marks_of_one_day_can_each_be_clicked(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    for ref in ("mrd-f88", "mrd-n88"):
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=position(canvas, ref))

        assert ref == canvas.selected


def test_that_a_mark_beside_its_day_is_tied_to_that_day(canvas: TimelineCanvas) -> None:
    geometry = canvas.layout_geometry
    assert geometry is not None
    mark = position(canvas, "mrd-n88")
    day = QPoint(round(geometry.x(88)), mark.y() - 3)

    assert abs(mark.x() - day.x()) > NEGATIVE_BAR
    assert has_colour_near(picture(canvas), day, LIGHT.text3, reach=2)


def test_that_methods_of_one_day_stand_beside_each_other(canvas: TimelineCanvas) -> None:
    flow, ngs = position(canvas, "mrd-f88"), position(canvas, "mrd-n88")

    assert ngs.x() - flow.x() >= 2 * NEGATIVE_BAR


def test_that_the_selection_ring_is_drawn_around_the_mark(canvas: TimelineCanvas) -> None:
    where = position(canvas, "tg-21")
    before = picture(canvas)

    canvas.select("tg-21")
    canvas.show_cursor(3)

    assert not has_colour_near(before, where, LIGHT.accent, reach=9)
    assert has_colour_near(picture(canvas), where, LIGHT.accent, reach=9)


def test_that_clicking_a_ribbon_says_which_finding_it_is(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.finding_selected) as heard:
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 10))

    assert ["R6"] == heard.args


def test_that_arrow_keys_walk_through_the_marks_of_a_panel_and_between_panels(
    canvas: TimelineCanvas, qtbot: QtBot
) -> None:
    canvas.select("tg-60")

    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert "tg-88" == canvas.selected
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert "cells-88" == canvas.selected
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert "cells-60" == canvas.selected
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert "tg-60" == canvas.selected
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected is None


def test_that_the_first_arrow_key_begins_with_the_first_mark(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_Right)

    assert "tg--7" == canvas.selected


def test_that_return_opens_the_selected_mark(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    canvas.select("tg-60")

    with qtbot.waitSignal(canvas.mark_activated) as heard:
        qtbot.keyClick(canvas, Qt.Key.Key_Return)

    assert ["tg-60"] == heard.args


def test_that_the_wheel_zooms_around_the_cursor_and_says_so(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    at = position(canvas, "tg-14")
    assert "" == canvas.reduction()

    with qtbot.waitSignal(canvas.view_changed) as heard:
        turn_wheel(canvas, at, 4)

    assert abs(position(canvas, "tg-14").x() - at.x()) <= 1
    assert "marks outside" in heard.args[0]
    assert canvas.layout_geometry is not None
    assert canvas.layout_geometry.is_zoomed


def test_that_a_double_click_shows_all_again(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    canvas.show_days(0, 28)
    assert "" != canvas.reduction()

    qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 700))

    assert "" == canvas.reduction()


def test_that_zooming_out_stops_at_the_whole_figure(canvas: TimelineCanvas) -> None:
    turn_wheel(canvas, QPoint(400, 300), -20)

    assert "" == canvas.reduction()


def test_that_dragging_moves_the_zoomed_days_and_selects_nothing(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    canvas.show_days(7, 28)
    before = canvas.layout_geometry
    start = position(canvas, "tg-14")

    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas.viewport(), start + QPoint(60, 0))
    qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))

    after = canvas.layout_geometry
    assert before is not None
    assert after is not None
    assert after.view.low < before.view.low
    assert canvas.selected is None


def test_that_walking_to_a_mark_outside_the_view_brings_it_in(canvas: TimelineCanvas, qtbot: QtBot) -> None:
    canvas.select("tg-28")
    canvas.show_days(20, 28)

    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)

    assert canvas.layout_geometry is not None
    assert canvas.selected == "tg-42"
    assert canvas.layout_geometry.shows(42)


def test_that_another_patient_is_shown_whole_and_without_selection(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    canvas.select("tg-60")
    canvas.show_days(0, 28)

    canvas.set_spec(replace(figure, title="DEMO-015", panels=figure.panels[:2]))

    assert canvas.selected is None
    assert "" == canvas.reduction()


def test_that_new_data_of_the_same_patient_keep_zoom_and_selection(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    canvas.select("tg-14")
    canvas.show_days(0, 28)

    canvas.refresh_spec(replace(figure, panels=figure.panels[:1]))

    assert "tg-14" == canvas.selected
    assert "" != canvas.reduction()


def test_that_what_the_figure_omits_is_said(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    canvas.set_spec(replace(figure, omissions=("2 results before day −28",)))

    assert "2 results before day −28" == canvas.reduction()


def test_that_a_panel_without_data_leaves_nothing_behind(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    canvas.set_spec(replace(figure, panels=figure.panels[:1]))
    image = picture(canvas)

    orange = [
        (x, y)
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
        if image.pixelColor(x, y) == QColor(LIGHT.car_cells)
    ]
    assert [] == orange


def test_that_switching_patients_leaves_no_items_in_the_scene(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    other = replace(figure, panels=figure.panels[:3])
    canvas.set_spec(other)
    canvas.set_spec(figure)
    before = len(canvas.scene().items())

    for _ in range(20):
        canvas.set_spec(other)
        canvas.set_spec(figure)

    assert before == len(canvas.scene().items())


def test_that_the_dark_palette_replaces_every_colour(canvas: TimelineCanvas) -> None:
    canvas.set_colours(DARK)
    image = picture(canvas)

    assert QColor(DARK.surface) == image.pixelColor(2, 2)
    assert has_colour_near(image, position(canvas, "tg-10"), DARK.transgene)


def test_that_larger_text_asks_for_a_taller_canvas(canvas: TimelineCanvas) -> None:
    before = canvas.minimumHeight()

    canvas.set_colours(LIGHT, text_scale=1.5)

    assert canvas.minimumHeight() > before * 1.3


@pytest.mark.parametrize("width", [420, 792, 1600])
def test_that_the_canvas_draws_at_any_width(canvas: TimelineCanvas, width: int) -> None:
    canvas.resize(width, 900)
    canvas.show_cursor(88)
    picture(canvas)

    assert canvas.layout_geometry is not None
    assert width == canvas.layout_geometry.width


def test_that_a_canvas_without_a_figure_is_empty(qtbot: QtBot) -> None:
    canvas = TimelineCanvas(LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.show()

    canvas.set_spec(None)
    canvas.show_cursor(10)
    turn_wheel(canvas, QPoint(100, 100), 2)
    picture(canvas)

    assert "" == canvas.reduction()
    assert canvas.selected is None


def test_that_a_figure_without_results_still_shows_its_events(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    canvas.set_spec(replace(figure, panels=(), ribbons=()))

    assert canvas.layout_geometry is not None
    assert len(canvas.layout_geometry.lanes) == 4
    assert has_colour_near(picture(canvas), QPoint(int(canvas.layout_geometry.x(0)), 24), LIGHT.text, reach=6)


def test_that_painting_many_times_keeps_the_references_to_none(canvas: TimelineCanvas) -> None:
    """PySide6 6.12 on Python 3.11 lost one per void call of QPainter and aborted after some thousand paints."""
    import sys

    device = QImage(792, 768, QImage.Format.Format_ARGB32_Premultiplied)
    export.paint(canvas, device)
    gc.collect()
    before = sys.getrefcount(None)

    for _ in range(10):
        export.paint(canvas, device)
    gc.collect()

    # One figure makes about 700 void calls of QPainter; a handful of references come and go with other objects.
    assert abs(sys.getrefcount(None) - before) < 200


def test_that_lines_take_their_colour_from_their_series(canvas: TimelineCanvas) -> None:
    image = picture(canvas)
    one, other = position(canvas, "tg-14"), position(canvas, "tg-21")

    assert has_colour_near(image, (one + other) / 2, getattr(LIGHT, SeriesKey.TRANSGENE.value), reach=3)


def test_that_long_words_of_a_finding_without_days_stand_beside_its_title(
    canvas: TimelineCanvas, figure: FigureSpec
) -> None:
    def ink_in_title(words: str) -> list[QColor]:
        ribbon = Ribbon(ref="R7", rule_id="R7", title="Discordance", words=words, symbol=RibbonSymbol.CONFLICT)
        canvas.set_spec(replace(figure, ribbons=(ribbon,), window_end=None))
        image = picture(canvas)
        return [image.pixelColor(x, y) for x in range(50, 125) for y in range(5, 24)]

    assert ink_in_title("") == ink_in_title("conflict · " + "a very long sentence " * 12)


def test_that_a_held_value_not_detected_is_a_hollow_stroke(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    transgene = figure.panels[0]
    (series,) = transgene.series
    held = tuple(replace(mark, is_held=True) if mark.ref == "tg-116" else mark for mark in series.marks)
    hollow = replace(figure, panels=(replace(transgene, series=(replace(series, marks=held),)),))
    canvas.set_spec(hollow)
    where = canvas.mark_position("tg-116")
    assert where is not None

    image = export.image(hollow, LIGHT, dpr=4)

    assert image.pixelColor((where * 4).toPoint()) == QColor(LIGHT.surface)
    assert has_colour_near(image, (where * 4).toPoint(), LIGHT.transgene, reach=10)
