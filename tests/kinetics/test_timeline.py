from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import EventKind, InfusionKind, SpecimenType
from labmon.domain.errors import UserError
from labmon.domain.quantity import Unit, ValueState
from labmon.kinetics.timeline import CourseEndKind, Timeline, build_timeline, courses

COPIES = Analyte.TRANSGENE_COPIES_PER_UG_DNA
BLOOD = SpecimenType.PERIPHERAL_BLOOD
AsOf = Callable[[int], date]


def timeline_of(study, on: date, course: int | None = None) -> Timeline:
    timeline = build_timeline(study.record, study.results, as_of=on, course=course)
    assert timeline is not None
    return timeline


def days(timeline: Timeline) -> list[float]:
    return [point.day for point in timeline.points(COPIES, BLOOD)]


def test_that_there_is_no_timeline_without_a_car_t_infusion(study, as_of: AsOf) -> None:
    study.record = replace(study.record, infusions=())
    study.infuse(5, InfusionKind.STUDY_CELLS)

    assert build_timeline(study.record, (), as_of=as_of(100)) is None


def test_that_an_infusion_after_the_as_of_date_has_not_happened(study, as_of: AsOf) -> None:
    assert build_timeline(study.record, (), as_of=as_of(-1)) is None


def test_that_days_are_whole_without_and_decimal_with_the_time_of_day(study, as_of: AsOf) -> None:
    study.measure(7, 1000)
    study.measure(14, 800, at=time(18))

    assert [7, 14.75] == days(timeline_of(study, as_of(100)))


def test_that_a_specimen_collected_after_the_as_of_date_is_not_known_yet(study, as_of: AsOf) -> None:
    study.measure_all([(7, 1000), (14, 800), (15, 700)])

    assert [7, 14] == days(timeline_of(study, as_of(14)))


def test_that_superseded_results_are_left_out_and_held_and_excluded_ones_are_kept(study, as_of: AsOf) -> None:
    study.measure(7, 1000, is_superseded=True)
    study.measure(7, 900)
    study.measure(14, 800, held_reason="slope")
    study.measure(21, 700, excluded_reason="haemolysed")
    study.measure(28, 600, released_at=None)
    timeline = timeline_of(study, as_of(100))

    assert [7, 14, 21, 28] == days(timeline)
    assert [900] == [point.result.quantity.value for point in timeline.evaluable(COPIES, BLOOD)]


def test_that_blood_and_marrow_stand_in_different_series(study, as_of: AsOf) -> None:
    study.measure(28, 600)
    study.measure(28, 900, specimen_type=SpecimenType.BONE_MARROW)
    timeline = timeline_of(study, as_of(100))

    assert 2 == len(timeline.series)
    assert () == timeline.issues


def test_that_the_latest_infusion_is_the_course_unless_another_is_asked_for(study, as_of: AsOf) -> None:
    study.infuse(200)
    study.infuse(100, InfusionKind.STUDY_CELLS)
    study.measure_all([(7, 1000), (207, 50_000)])

    latest, first = timeline_of(study, as_of(300)), timeline_of(study, as_of(300), course=1)
    assert (2, 2, [7]) == (latest.course_number, latest.course_count, days(latest))
    assert (1, 2, [7]) == (first.course_number, first.course_count, days(first))
    assert [50_000] == [p.result.quantity.value for p in latest.points(COPIES, BLOOD)]
    assert 2 == len(courses(study.record))


def test_that_before_the_reinfusion_the_first_course_is_the_latest(study, as_of: AsOf) -> None:
    study.infuse(200)

    timeline = timeline_of(study, as_of(199))
    assert (1, 1, None) == (timeline.course_number, timeline.course_count, timeline.ended)


def test_that_a_sample_shortly_before_a_reinfusion_ends_one_course_and_is_the_baseline_of_the_next(
    study, as_of: AsOf
) -> None:
    study.infuse(200)
    study.measure_all([(150, 60), (172, 55), (199, ValueState.NOT_DETECTED), (200, ValueState.NOT_DETECTED)])

    assert [150, 172, 199] == days(timeline_of(study, as_of(300), course=1))
    assert [-28, -1, 0] == days(timeline_of(study, as_of(300)))


def test_that_everything_before_the_first_infusion_is_its_baseline(study, as_of: AsOf) -> None:
    study.measure(-90, ValueState.NOT_DETECTED)

    assert [-90] == days(timeline_of(study, as_of(10)))


def test_that_a_course_that_does_not_exist_is_refused(study, as_of: AsOf) -> None:
    with pytest.raises(UserError, match="R807"):
        timeline_of(study, as_of(100), course=2)


@pytest.mark.parametrize(
    ("hsct", "reinfusion", "kind", "day"),
    [
        (None, 200, CourseEndKind.REINFUSION, 200),
        (90, None, CourseEndKind.HSCT, 90),
        (90, 200, CourseEndKind.HSCT, 90),
        (250, 200, CourseEndKind.REINFUSION, 200),
    ],
)
def test_that_the_earlier_of_transplant_and_reinfusion_ends_the_course(
    study, as_of: AsOf, hsct: int | None, reinfusion: int | None, kind: CourseEndKind, day: int
) -> None:
    if hsct:
        study.happen(EventKind.HSCT, hsct)
    if reinfusion:
        study.infuse(reinfusion)

    ended = timeline_of(study, as_of(300), course=1).ended
    assert ended is not None
    assert (kind, day, as_of(day)) == (ended.kind, ended.day, ended.on)


def test_that_a_transplant_before_the_infusion_or_after_the_as_of_date_ends_nothing(study, as_of: AsOf) -> None:
    study.happen(EventKind.HSCT, -200)
    study.happen(EventKind.HSCT, 101)

    assert timeline_of(study, as_of(100)).ended is None


def test_that_two_results_on_one_day_are_an_issue_until_one_is_excluded(study, as_of: AsOf) -> None:
    study.measure(7, 1000)
    repeat = study.measure(7, 900)

    issues = timeline_of(study, as_of(100)).issues
    assert ["K602"] == [issue.code for issue in issues]
    assert "Two results of Transgene (specimens S1 and S2) on day 7." == issues[0].message

    excluded = replace(repeat, draft=replace(repeat.draft, excluded_reason="haemolysed"))
    study.results[1] = excluded
    assert () == timeline_of(study, as_of(100)).issues


def test_that_two_samples_of_one_day_are_in_order_when_both_times_are_known(study, as_of: AsOf) -> None:
    study.measure(7, 1000, at=time(8))
    study.measure(7, 900, at=time(18))
    assert () == timeline_of(study, as_of(100)).issues

    study.measure(7, 950)
    assert {"K602"} == {issue.code for issue in timeline_of(study, as_of(100)).issues}


def test_that_several_units_in_one_series_are_an_issue(study, as_of: AsOf) -> None:
    study.measure(7, 1000)
    other = study.measure(14, 900)
    quantity = replace(other.quantity, unit=Unit.COPIES_PER_UL_BLOOD)
    study.results[1] = replace(other, draft=replace(other.draft, quantity=quantity))

    issues = timeline_of(study, as_of(100)).issues
    assert ["Transgene stands in copies/µL and copies/µg."] == [issue.message for issue in issues]
    assert "Series of different units are never joined." == issues[0].advice


def test_that_two_limits_of_one_run_are_an_issue_naming_the_run(study, as_of: AsOf) -> None:
    study.measure(7, 1000, run_code="R22")
    study.measure(14, 900, run_code="R22", lloq=14)
    study.measure(28, 900, run_code="R23", lloq=14)

    assert ["Run R22 gives Transgene the LLOQs 14 and 50 for the same DNA input."] == [
        issue.message for issue in timeline_of(study, as_of(100)).issues
    ]


def test_that_limits_by_flow_follow_their_events_and_contradict_nothing(study, as_of: AsOf) -> None:
    study.measure(7, 10, Analyte.CAR_POS_CELLS_PER_UL, lloq=1)
    study.measure(14, 9, Analyte.CAR_POS_CELLS_PER_UL, lloq=2)

    assert () == timeline_of(study, as_of(100)).issues


def test_that_cells_quantified_before_they_were_given_are_an_issue(study, as_of: AsOf) -> None:
    study.measure(-7, 900)
    study.measure(0, 90_000)
    study.measure(10, 1000)

    assert [
        "Transgene of specimen S1 is quantified on day −7, before the infusion.",
        "Transgene of specimen S2 is quantified on day 0, the day of the infusion, without an hour.",
    ] == [issue.message for issue in timeline_of(study, as_of(100)).issues]


def test_that_earlier_cells_and_known_hours_of_the_day_of_infusion_are_no_issue(study, as_of: AsOf) -> None:
    study.measure(-7, ValueState.NOT_DETECTED)
    study.measure(0, 90_000, at=time(16))
    study.infuse(60)
    study.measure(55, 900)
    study.measure(60, 900, Analyte.CD19_CELLS_PER_UL)

    assert () == timeline_of(study, as_of(100), course=1).issues
    assert () == timeline_of(study, as_of(100), course=2).issues


def test_that_a_value_outside_the_limits_of_its_run_is_an_issue(study, as_of: AsOf) -> None:
    study.measure(7, 20)

    assert ["K607"] == [issue.code for issue in timeline_of(study, as_of(100)).issues]


def test_that_a_result_without_its_specimen_is_reported_not_dropped_in_silence(study, as_of: AsOf) -> None:
    study.measure(7, 1000)
    study.record = replace(study.record, specimens=())

    assert ["I117"] == [issue.code for issue in timeline_of(study, as_of(100)).issues]


def test_that_the_order_of_results_changes_nothing(study, as_of: AsOf) -> None:
    study.measure_all([(7, 1000), (28, 700), (14, 800)])
    forward = timeline_of(study, as_of(100))
    study.results.reverse()

    assert dict(forward.series) == dict(timeline_of(study, as_of(100)).series)
