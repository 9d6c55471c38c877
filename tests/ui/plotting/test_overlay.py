"""The readout of all panels at the cursor."""

import pytest

from labmon.reports.figures import FigureSpec, PanelKey
from labmon_ui.palette import LIGHT
from labmon_ui.plotting import overlay
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.frame import heading_end
from labmon_ui.plotting.geometry import Geometry
from labmon_ui.plotting.ink import Ink


def laid_out(canvas: TimelineCanvas) -> Geometry:
    found = canvas.layout_geometry
    assert found is not None
    return found


@pytest.mark.parametrize("width", [620, 792, 1200])
def test_that_no_readout_covers_data_a_heading_or_the_edge(
    canvas: TimelineCanvas, figure: FigureSpec, width: int
) -> None:
    canvas.resize(width, 768)
    geometry, ink = laid_out(canvas), Ink(LIGHT)

    for day in figure.sample_days():
        for box in geometry.panels:
            place = overlay.place_readout(box, geometry, ink, day).box

            assert place.left >= heading_end(box, ink), (day, box.panel.key)
            assert place.right <= width, (day, box.panel.key)
            assert box.top <= place.top, (day, box.panel.key)
            assert place.bottom <= box.plot_top, (day, box.panel.key)


def test_that_the_readout_stands_right_of_the_cursor_and_left_of_it_near_the_edge(canvas: TimelineCanvas) -> None:
    geometry, ink = laid_out(canvas), Ink(LIGHT)
    transgene = geometry.panels[0]

    middle = overlay.place_readout(transgene, geometry, ink, 42).box
    mrd = next(box for box in geometry.panels if box.panel.key is PanelKey.MRD)
    edge = overlay.place_readout(mrd, geometry, ink, 116).box

    assert middle.left > geometry.x(42)
    assert edge.right < geometry.x(116)


def test_that_a_panel_without_a_sample_on_the_day_says_so(canvas: TimelineCanvas) -> None:
    geometry, ink = laid_out(canvas), Ink(LIGHT)
    mrd = next(box for box in geometry.panels if box.panel.key is PanelKey.MRD)

    placed = overlay.place_readout(mrd, geometry, ink, 60)

    assert placed.text == "no sample"
    assert placed.readout is None


def test_that_the_note_about_a_zoom_leaves_the_key_its_whole_entries(canvas: TimelineCanvas) -> None:
    geometry, ink = laid_out(canvas), Ink(LIGHT)

    assert overlay.reduction_start(geometry, ink, "") == geometry.width
    assert overlay.reduction_start(geometry, ink, "days 0 to 28") < geometry.width - 80
