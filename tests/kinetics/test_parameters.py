from collections.abc import Callable
from datetime import date, time

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import EventKind, SpecimenType
from labmon.domain.quantity import ValueState
from labmon.kinetics.parameters import SeriesParameters, kinetic_parameters
from labmon.kinetics.persistence import PersistenceState
from labmon.kinetics.timeline import build_timeline
from labmon.kinetics.withheld import Withheld

NONE = ValueState.NOT_DETECTED
TYPICAL = [(0, NONE), (7, 4000), (10, 41_300), (14, 20_000), (21, 4000), (28, 800), (60, 214), (88, NONE), (116, NONE)]
AsOf = Callable[[int], date]


@pytest.fixture
def parameters_of(study, as_of: AsOf) -> Callable[[], SeriesParameters]:
    """The parameters of the study's only series, as known on day 400 of the first course."""

    def one(course: int | None = None) -> SeriesParameters:
        timeline = build_timeline(study.record, study.results, as_of=as_of(400), course=course)
        assert timeline is not None
        (only,) = kinetic_parameters(timeline)
        return only

    return one


def plain(text: str) -> str:
    return text.replace("\u2009", "").replace("\u00a0", " ")


def test_that_each_parameter_says_its_value_its_unit_and_how_far_to_trust_it(study, parameters_of) -> None:
    study.measure_all(TYPICAL)
    found = parameters_of()

    assert "Transgene, copies/µg" == found.title
    assert "41300 copies/µg" == plain(found.get("cmax").text)
    assert ("neighbours sampled d 7 and d 14",) == found.get("cmax").notes
    assert "10 d" == plain(found.get("tmax").text)
    assert "lost in (60, 88] d" == plain(found.get("persistence").text)
    assert ("confirmed on day 116",) == found.get("persistence").notes
    assert "(0, 7] d" == plain(found.get("lag").text)
    assert "d·copies/µg" == found.get("auc_0_28").unit
    assert ("complete: last quantified on day 60, followed past day 84",) == found.get("auc_0_84").notes
    half_life = found.get("half_life")
    assert "not a persistence half-life" in half_life.notes
    assert "n 4, adj. R² 0.720, span 5.8 half-lives" == half_life.notes[0]
    assert 4 == half_life.n


def test_that_every_parameter_has_either_a_number_or_a_reason(study, parameters_of) -> None:
    study.measure_all(TYPICAL[:6])

    for parameter in parameters_of().parameters:
        known = parameter.value is not None or parameter.interval is not None
        assert known == (parameter.withheld is None), parameter.name
        assert parameter.text
        assert parameter.rule


def test_that_a_short_follow_up_names_the_area_it_does_have(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (10, 1000), (26, 100)])
    area = parameters_of().get("auc_0_28")

    assert Withheld.LAST_SAMPLE_BEFORE_TAU == area.withheld
    assert area.value is None
    assert "not reported: followed to day 26; AUC0–26 d is 11300 d·copies/µg" == plain(area.text)


def test_that_a_series_never_quantified_is_said_to_be_never_above_lloq(study, parameters_of) -> None:
    study.measure_all([(7, NONE), (14, NONE), (28, NONE)])
    found = parameters_of()

    assert "not reported: never above LLOQ" == found.get("cmax").text
    assert "not established: never above LLOQ" == found.get("persistence").text


def test_that_a_peak_on_the_last_sample_is_not_passed_yet(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (7, 100), (14, 900)])
    found = parameters_of()

    assert "last sample: peak not yet passed" in found.get("tmax").notes
    assert ("ongoing: the last sample is quantified",) == found.get("tlast").notes
    assert "> 14 d, ongoing" == plain(found.get("persistence").text)


def test_that_a_peak_on_the_day_of_infusion_may_be_carry_over(study, parameters_of) -> None:
    study.measure(0, 90_000, at=time(16))
    study.measure_all([(7, 900), (14, 100)])

    assert ("earlier than day 1: may be carried over from the infusion line",) == parameters_of().get("tmax").notes


def test_that_copies_per_ug_per_ul_and_cells_are_never_mixed(study, as_of: AsOf) -> None:
    for analyte, peak in (
        (Analyte.TRANSGENE_COPIES_PER_UG_DNA, 9000),
        (Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, 70),
        (Analyte.CAR_POS_CELLS_PER_UL, 12),
    ):
        study.measure_all([(0, NONE), (10, peak), (28, NONE)], analyte=analyte, lloq=1)
    study.measure_all([(10, 31.0)], analyte=Analyte.CAR_POS_PCT_OF_CD3)
    study.measure_all([(10, 500_000)], specimen_type=SpecimenType.BONE_MARROW)
    timeline = build_timeline(study.record, study.results, as_of=as_of(400))
    assert timeline is not None

    assert [("copies/µg", 9000), ("copies/µL", 70), ("cells/µL", 12)] == [
        (series.get("cmax").unit, series.get("cmax").value) for series in kinetic_parameters(timeline)
    ]


def test_that_held_excluded_and_unreleased_values_feed_nothing(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (10, 1000), (28, 100)])
    study.measure(12, 90_000, held_reason="slope")
    study.measure(13, 80_000, excluded_reason="swapped tube")
    study.measure(14, 70_000, released_at=None)

    assert 1000 == parameters_of().get("cmax").value


def test_that_two_results_on_one_day_withhold_every_parameter(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (10, 1000), (10, 1200), (28, 100)])
    found = parameters_of()

    assert {Withheld.DUPLICATE_TIMES} == {parameter.withheld for parameter in found.parameters}
    assert {None} == {parameter.value for parameter in found.parameters}
    assert PersistenceState.NOT_ESTABLISHED == found.persistence.state


def test_that_a_timed_and_an_untimed_sample_of_one_day_have_no_order(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (10, 1000), (28, 100)])
    study.measure(10, 1200, at=time(9))

    assert Withheld.DUPLICATE_TIMES == parameters_of().get("cmax").withheld


@pytest.mark.parametrize("ending", ["hsct", "reinfusion"])
def test_that_what_is_measured_after_the_end_of_the_course_belongs_to_other_cells(
    study, parameters_of, ending: str
) -> None:
    study.measure_all([(0, NONE), (10, 1000), (60, 100), (100, NONE), (120, 90_000), (150, NONE)])
    if ending == "hsct":
        study.happen(EventKind.HSCT, 100)
    else:
        study.infuse(100)
    found = parameters_of(course=1)

    assert 1000 == found.get("cmax").value
    assert "> 60 d" == plain(found.get("persistence").text)
    label = {"hsct": "HSCT"}.get(ending, ending)
    assert (f"censored by {label} on day 100",) == found.get("persistence").notes


def test_that_the_baseline_of_a_course_is_no_part_of_its_kinetics(study, parameters_of) -> None:
    study.infuse(200)
    study.measure_all([(10, 90_000), (190, 700), (200, NONE), (210, 5000), (228, 60)])

    assert 5000 == parameters_of().get("cmax").value


def test_that_a_course_with_a_baseline_only_has_no_sample_to_speak_of(study, parameters_of) -> None:
    study.measure(-7, NONE)
    found = parameters_of()

    assert {Withheld.NO_SAMPLES} == {parameter.withheld for parameter in found.parameters} - {Withheld.TOO_FEW_POINTS}
    assert "not reported: no evaluable sample since the infusion" == found.get("cmax").text


def test_that_a_peak_above_uloq_withholds_the_slopes_around_it(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (7, 4000), (10, ValueState.ABOVE_ULOQ), (14, 9000), (21, 900), (28, 90), (60, 60)])
    found = parameters_of()

    for name in ("cmax", "tmax", "auc_0_28", "half_life", "doubling_time_apparent", "contraction_slope", "lag"):
        assert Withheld.ABOVE_ULOQ_AT_PEAK == found.get(name).withheld, name
    assert 60 == found.get("tlast").value
    assert "> 60 d, ongoing" == plain(found.get("persistence").text)


def test_that_a_transient_dip_and_a_changed_lloq_are_said(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (10, 1000), (28, NONE), (60, 90)])
    study.measure(90, 20, lloq=14, run_code="R2")
    notes = parameters_of().get("persistence").notes

    assert ("transiently below LLOQ on day 28", "each sample judged by its own LLOQ: 14, 50 copies/µg") == notes


def test_that_a_run_with_two_limits_for_the_same_dna_withholds_its_series(study, parameters_of) -> None:
    study.measure_all([(0, NONE), (10, 1000)])
    study.measure(60, 20, lloq=14)

    assert {Withheld.CONTRADICTORY_LIMITS} == {parameter.withheld for parameter in parameters_of().parameters}


def test_that_a_limit_that_follows_the_amount_of_dna_contradicts_nothing(study, parameters_of) -> None:
    study.measure(0, NONE, basis={"gdna_ng_per_reaction": 200.0})
    study.measure(10, 1000, lloq=100, basis={"gdna_ng_per_reaction": 100.0})

    assert 1000 == parameters_of().get("cmax").value


def test_that_the_policy_for_values_below_lloq_stands_beside_the_area(study, parameters_of) -> None:
    study.measure_all(TYPICAL)

    assert "linear up/log down; below LLOQ: first keep, middle drop, last keep" == parameters_of().get("auc_0_28").rule
