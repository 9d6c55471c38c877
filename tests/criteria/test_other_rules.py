import pytest

from labmon.domain.clinical import HematogonesState
from labmon.domain.finding import FlagState
from tests.criteria.patients import Scenario, flagged_patient

PRESENT, ABSENT = HematogonesState.PRESENT, HematogonesState.ABSENT


# --- R3, hematogones --------------------------------------------------------------------------------------------------


def test_that_hematogones_in_one_marrow_of_the_window_are_enough_and_called_single() -> None:
    finding = Scenario().marrow(28, hematogones=ABSENT).marrow(90, hematogones=PRESENT).finding("R3")

    assert finding.flag_state is FlagState.MET
    assert (28, 90) == (finding.bracket_left_day, finding.bracket_right_day)
    assert finding.cautions == ("single specimen",)


@pytest.mark.parametrize(
    ("absent_on", "present_on", "state"),
    [
        (150, 184, FlagState.MET),
        (150, 200, FlagState.NOT_EVALUABLE),
        (184, 200, FlagState.NOT_MET),
    ],
)
def test_that_the_window_is_laid_over_both_marrows(absent_on: int, present_on: int, state: FlagState) -> None:
    scenario = Scenario().marrow(absent_on, hematogones=ABSENT).marrow(present_on, hematogones=PRESENT)

    assert state is scenario.finding("R3", day=210).flag_state


def test_that_absent_hematogones_are_not_met_and_unassessed_ones_are_missing() -> None:
    assert Scenario().marrow(28, hematogones=ABSENT).finding("R3").flag_state is FlagState.NOT_MET
    assert Scenario().marrow(28).finding("R3").flag_state is FlagState.NOT_EVALUABLE
    assert Scenario().finding("R3").missing == ("hematogones in a marrow",)


def test_that_hematogones_under_a_depleting_drug_are_not_looked_for() -> None:
    scenario = Scenario().drug(60, 70).marrow(90, hematogones=ABSENT)

    assert scenario.finding("R3").flag_state is FlagState.NOT_EVALUABLE


# --- R5, poor expansion -----------------------------------------------------------------------------------------------


def test_that_sparse_sampling_cannot_place_the_peak() -> None:
    finding = Scenario().transgene(7, 100).transgene(14, 900).finding("R5")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "2 transgene samples from day 5 to day 21" in finding.sentence


@pytest.mark.parametrize(("peak_day", "state"), [(14, FlagState.NOT_MET), (20, FlagState.NOT_MET), (21, FlagState.MET)])
def test_that_a_peak_after_day_20_is_late(peak_day: int, state: FlagState) -> None:
    scenario = Scenario()
    for day in (7, 10, 14, 20, 21, 28):
        scenario.transgene(day, 9000 if day == peak_day else 500)

    assert state is scenario.finding("R5").flag_state


def test_that_a_series_never_quantified_did_not_expand() -> None:
    finding = Scenario().transgene(7, None).transgene(10, None).transgene(14, None).finding("R5")

    assert finding.flag_state is FlagState.MET
    assert "expansion not established" in finding.sentence
    assert not finding.raises_flag


def test_that_a_peak_not_yet_passed_is_not_judged() -> None:
    finding = Scenario().transgene(7, 100).transgene(10, 500).transgene(14, 900).finding("R5")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "peak not yet passed" in finding.sentence


# --- R0, data quality -------------------------------------------------------------------------------------------------


def test_that_accepted_runs_are_said_to_be_so() -> None:
    assert flagged_patient().finding("R0").flag_state is FlagState.MET


def test_that_a_held_run_is_named_with_its_reason() -> None:
    finding = flagged_patient().transgene(118, 900, held="NTC positive", run="QPCR-0418").finding("R0")

    assert finding.flag_state is FlagState.HELD
    assert "run QPCR-0418 is held: NTC positive" in finding.sentence
    assert ("acceptance of run QPCR-0418",) == finding.missing


def test_that_a_run_accepted_outside_its_limits_is_shown() -> None:
    finding = flagged_patient().transgene(118, 900, basis={"replicate_cv_pct": 31.0}).finding("R0")

    assert finding.flag_state is FlagState.NOT_MET
    assert "replicate CV is 31.0, not at most 25\u00a0%" in finding.sentence


def test_that_replicates_below_the_lloq_may_scatter() -> None:
    scenario = flagged_patient().transgene(118, 30, basis={"replicate_cv_pct": 45.6})

    assert scenario.finding("R0").flag_state is FlagState.MET


def test_that_without_results_there_is_no_quality_to_judge() -> None:
    assert Scenario().finding("R0").flag_state is FlagState.NOT_EVALUABLE
