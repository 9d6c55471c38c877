"""Words beside marks."""

from dataclasses import replace
from itertools import pairwise

from labmon.domain.quantity import ValueState
from labmon.reports.figures import FigureSpec, Mark, PanelKey
from labmon_ui.palette import LIGHT
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.geometry import Box
from labmon_ui.plotting.ink import Ink
from labmon_ui.plotting.labelling import mark_boxes, panel_labels
from labmon_ui.plotting.labels import Label, Run, place

BOUNDS = Box(left=0, top=0, right=200, bottom=100)


def label(*candidates: tuple[float, float]) -> Label:
    lines = ((Run(text="words", pixels=11, weight=400),),)
    return Label(lines=lines, width=40, height=12, colour="#000000", candidates=candidates)


def test_that_a_label_takes_its_first_place_when_it_is_free() -> None:
    (placed,) = place([label((10, 10), (100, 50))], bounds=BOUNDS)

    assert (10, 10) == (placed.box.left, placed.box.top)


def test_that_a_label_moves_off_a_mark() -> None:
    mark = Box(left=10, top=10, right=20, bottom=20)

    (placed,) = place([label((10, 10), (100, 50))], bounds=BOUNDS, marks=[mark])

    assert placed.box.overlap(mark) == 0


def test_that_two_labels_never_stand_on_each_other_when_there_is_room() -> None:
    first, second = place([label((10, 10), (100, 50)), label((12, 10), (100, 50))], bounds=BOUNDS)

    assert first.box.overlap(second.box) == 0


def test_that_a_label_without_any_free_place_is_still_placed() -> None:
    everywhere = Box(left=0, top=0, right=200, bottom=100)

    assert len(place([label((10, 10))], bounds=BOUNDS, marks=[everywhere])) == 1


def test_that_no_label_of_the_figure_covers_another_or_a_mark(canvas: TimelineCanvas) -> None:
    geometry = canvas.layout_geometry
    assert geometry is not None
    for box in geometry.panels:
        placed = panel_labels(box, geometry, Ink(LIGHT), canvas.spec.today if canvas.spec else None)
        marks = list(mark_boxes(box, geometry).values())

        for i, one in enumerate(placed):
            assert all(one.box.overlap(other.box) == 0 for other in placed[:i]), box.panel.key
            assert all(one.box.overlap(mark) < 12 for mark in marks), (box.panel.key, one.label.lines)


def test_that_crowded_mrd_marks_keep_the_order_of_their_days(canvas: TimelineCanvas, figure: FigureSpec) -> None:
    mrd = next(panel for panel in figure.panels if panel.key is PanelKey.MRD)
    series = tuple(
        replace(
            each,
            marks=tuple(
                Mark(
                    ref=f"{each.name}-{day}",
                    day=day,
                    state=ValueState.NOT_DETECTED,
                    limit=2e-5,
                    text="not detected",
                    letter=each.name[0],
                )
                for day in (88, 96)
            ),
        )
        for each in mrd.series
    )
    canvas.set_spec(replace(figure, panels=(replace(mrd, series=series),)))

    places = [canvas.mark_position(ref) for ref in ("flow-88", "NGS-88", "flow-96", "NGS-96")]

    across = [place.x() for place in places if place is not None]
    assert len(across) == 4
    assert all(later - earlier >= 20 for earlier, later in pairwise(across))
