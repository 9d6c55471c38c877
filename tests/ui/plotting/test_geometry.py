"""Where panels, lanes and rows stand."""

from dataclasses import replace
from itertools import pairwise

from labmon.reports.figures import EventLane, EventMark, FigureSpec, Glyph
from labmon_ui.plotting.geometry import Geometry, View, lay_out, minimum_height


def text_width(text: str, pixels: float) -> float:
    return len(text) * pixels * 0.6


def laid_out(spec: FigureSpec, *, height: float = 768, view: View | None = None, scale: float = 1.0) -> Geometry:
    return lay_out(spec, width=792, height=height, view=view, key_rows=1, text_width=text_width, scale=scale)


def test_that_day_and_pixel_undo_each_other(figure: FigureSpec) -> None:
    geometry = laid_out(figure)

    for day in (-7, 0, 27.5, 28, 60, 88, 190):
        assert abs(geometry.day_at(geometry.x(day)) - day) < 1e-9


def test_that_the_whole_figure_reaches_from_edge_to_edge(figure: FigureSpec) -> None:
    geometry = laid_out(figure)

    assert geometry.x(figure.first_day) == geometry.left
    assert abs(geometry.x(figure.last_day) - geometry.right) < 1e-9


def test_that_panels_follow_each_other_without_overlap_at_any_height(figure: FigureSpec) -> None:
    for height in (300, 640, 700, 768, 1400):
        boxes = laid_out(figure, height=height).panels

        assert len(figure.panels) == len(boxes)
        for above, below in pairwise(boxes):
            assert above.plot_bottom < above.bottom <= below.top < below.plot_top


def test_that_the_figure_fits_its_minimum_height(figure: FigureSpec) -> None:
    for scale in (1.0, 2.0):
        least = minimum_height(figure, 792, 1, text_width, scale)
        geometry = laid_out(figure, height=least, scale=scale)

        assert geometry.axis_y + (25 + 18) * scale <= least


def test_that_extra_height_goes_to_the_panels(figure: FigureSpec) -> None:
    low, high = laid_out(figure, height=768), laid_out(figure, height=968)

    grown = [b.plot_bottom - b.plot_top for b in high.panels]
    assert all(new > old.plot_bottom - old.plot_top for new, old in zip(grown, low.panels, strict=True))
    assert abs((high.axis_y - low.axis_y) - 200) < 1e-6


def test_that_events_which_would_overlap_are_dodged_not_dropped(figure: FigureSpec) -> None:
    crowd = tuple(
        EventMark(ref=f"d{i}", lane=EventLane.DRUGS, glyph=Glyph.DIAMOND, day=10 + i, label="a drug with a long name")
        for i in range(5)
    )
    geometry = laid_out(replace(figure, events=crowd), height=1000)

    drawn = [event for row in geometry.lanes for event in row.events]
    assert sorted(event.ref for event in crowd) == sorted(event.ref for event in drawn)
    assert len(geometry.lanes) == 5
    assert [True, False, False, False, False] == [row.is_first for row in geometry.lanes]


def test_that_events_far_apart_share_a_row(figure: FigureSpec) -> None:
    pair = tuple(
        EventMark(ref=f"d{day}", lane=EventLane.DRUGS, glyph=Glyph.DIAMOND, day=day, label="drug") for day in (0, 21)
    )

    assert len(laid_out(replace(figure, events=pair)).lanes) == 1


def test_that_an_event_at_the_right_edge_keeps_its_neighbour_s_words_free(figure: FigureSpec) -> None:
    pair = tuple(
        EventMark(ref=f"d{day}", lane=EventLane.DRUGS, glyph=Glyph.DIAMOND, day=day, label="words of some length here")
        for day in (150, 189)
    )

    assert len(laid_out(replace(figure, events=pair)).lanes) == 2


def test_that_zooming_leaves_the_rows_as_they_are(figure: FigureSpec) -> None:
    home, zoomed = laid_out(figure), laid_out(figure, view=View(0, 20))

    assert [row.y for row in home.lanes] == [row.y for row in zoomed.lanes]
    assert [box.top for box in home.panels] == [box.top for box in zoomed.panels]
    assert zoomed.is_zoomed
    assert not home.is_zoomed
