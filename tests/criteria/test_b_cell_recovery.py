from dataclasses import replace

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import BaselineState, BCellBaseline, Costimulation, EventKind
from labmon.domain.finding import FlagState
from labmon.domain.quantity import Quantity, Unit
from tests.criteria.patients import Scenario, on


def aplastic(**kind: object) -> Scenario:
    return Scenario(**kind).lymphocytes(28, 0.05).lymphocytes(60, 0.2)  # type: ignore[arg-type]


def test_that_recovery_is_dated_by_the_first_of_two_samples() -> None:
    finding = aplastic().lymphocytes(88, 3.4).lymphocytes(116, 9.8).finding("R2")

    assert finding.flag_state is FlagState.MET
    assert (60, 88, 116) == (finding.bracket_left_day, finding.bracket_right_day, finding.confirmed_day)
    assert "3.40\u00a0% of lymphocytes" in finding.sentence
    assert finding.evidence[0].role == "baseline"


@pytest.mark.parametrize(
    ("denominator", "value", "is_recovery"),
    [("wbc", 1.0, True), ("wbc", 0.99, False), ("lymphocytes", 3.0, True), ("lymphocytes", 2.99, False)],
)
def test_that_the_limits_themselves_are_recovery(denominator: str, value: float, *, is_recovery: bool) -> None:
    scenario = Scenario()
    for day in (60, 90):
        (scenario.wbc if denominator == "wbc" else scenario.lymphocytes)(day, value)

    expected = FlagState.MET if is_recovery else FlagState.NOT_MET
    assert expected is scenario.finding("R2").flag_state


def test_that_either_denominator_is_enough() -> None:
    scenario = aplastic().lymphocytes(88, 2.0).wbc(88, 1.2).lymphocytes(116, 3.5).wbc(116, 0.4)

    assert scenario.finding("R2").flag_state is FlagState.MET


def test_that_one_sample_is_unconfirmed() -> None:
    finding = aplastic().lymphocytes(88, 3.4).finding("R2", day=96)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert (on(95), on(123)) == (finding.repeat_from, finding.repeat_by)


def test_that_lasting_aplasia_is_not_recovery() -> None:
    finding = aplastic().finding("R2", day=70)

    assert finding.flag_state is FlagState.NOT_MET
    assert finding.sentence.startswith("B cells 0.200\u00a0% of lymphocytes on day 60; recovery is")
    assert finding.sentence.endswith("≥\u00a01\u00a0% of WBC or ≥\u00a03\u00a0% of lymphocytes.")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (60, "high, up to 3 months"),
        (92, "high, up to 3 months"),
        (93, "early, > 3 to 6 months"),
        (185, "late, > 6 months"),
    ],
)
def test_that_recovery_is_named_by_when_it_began(day: int, said: str) -> None:
    finding = Scenario().lymphocytes(day, 5).lymphocytes(day + 20, 5).finding("R2", day=day + 20)

    assert f"stratum: {said}" in finding.sentence


def test_that_without_a_baseline_return_means_nothing() -> None:
    finding = aplastic().without_baseline().lymphocytes(88, 5).lymphocytes(116, 5).finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("B-cell baseline",) == finding.missing


def test_that_without_b_cells_before_their_absence_means_nothing() -> None:
    scenario = aplastic()
    scenario.record = replace(
        scenario.record,
        b_cell_baselines=(
            BCellBaseline(patient_code="P-001", measured_on=on(-7), baseline_state=BaselineState.ABSENT),
        ),
    )

    finding = scenario.finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "no B cells before the infusion" in finding.sentence


def test_that_a_measured_baseline_stands_for_an_entered_one() -> None:
    measured = aplastic().without_baseline().lymphocytes(-7, 8)
    none_there = aplastic().without_baseline().lymphocytes(-7, None)

    assert measured.finding("R2", day=70).flag_state is FlagState.NOT_MET
    assert none_there.finding("R2", day=70).flag_state is FlagState.NOT_EVALUABLE


def test_that_cells_per_microlitre_have_no_denominator() -> None:
    scenario = Scenario().add(60, Analyte.CD19_CELLS_PER_UL, Quantity.from_measurement(80, Unit.CELLS_PER_UL))

    finding = scenario.finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("denominator of the B cells (WBC or lymphocytes)",) == finding.missing


@pytest.mark.parametrize(("target", "missing"), [("CD22", ()), (None, ("target of the product",))])
def test_that_b_cells_tell_nothing_of_a_product_not_directed_at_them(
    target: str | None, missing: tuple[str, ...]
) -> None:
    finding = aplastic(target=target).lymphocytes(88, 5).lymphocytes(116, 5).finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert missing == finding.missing


def test_that_a_product_directed_at_cd19_and_another_antigen_is_judged() -> None:
    assert aplastic(target="CD19+CD22").finding("R2", day=70).flag_state is FlagState.NOT_MET


def test_that_a_cd28_product_is_not_judged_by_recovery() -> None:
    finding = aplastic(costimulation=Costimulation.CD28).lymphocytes(88, 5).lymphocytes(116, 5).finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE


def test_that_a_depleting_drug_makes_later_samples_unreadable() -> None:
    finding = aplastic().drug(70, 75).lymphocytes(88, 0.1).finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "blinatumomab since day 70 depletes B cells" in finding.sentence


def test_that_recovery_confirmed_before_the_drug_stands() -> None:
    finding = Scenario().lymphocytes(60, 5).lymphocytes(68, 5).drug(70, 75).lymphocytes(88, 0.1).finding("R2")

    assert finding.flag_state is FlagState.MET


def test_that_a_drug_of_the_time_before_the_infusion_explains_nothing() -> None:
    assert aplastic().drug(-60, -30).finding("R2", day=70).flag_state is FlagState.NOT_MET


def test_that_a_repeat_is_asked_for_after_the_washout() -> None:
    finding = aplastic().lymphocytes(68, 5).drug(70, 75).finding("R2", day=90)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert on(75 + 183 + 1) == finding.repeat_from


def test_that_b_cells_after_a_transplant_are_not_the_products() -> None:
    finding = aplastic().event(70, EventKind.HSCT).lymphocytes(88, 5).lymphocytes(116, 5).finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "the transplant of day 70" in finding.sentence.lower()


def test_that_cd19_events_near_a_positive_mrd_may_be_blasts() -> None:
    finding = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).mrd(90, 2e-3).finding("R2")

    assert finding.flag_state is FlagState.CONFLICT
    assert "MRD positive on day 90" in finding.sentence
    assert "may be blasts" in finding.sentence


def test_that_cd19_events_near_a_relapse_may_be_blasts() -> None:
    finding = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).event(95, EventKind.RELAPSE).finding("R2")

    assert finding.flag_state is FlagState.CONFLICT


def test_that_mrd_stays_positive_until_a_sample_is_negative() -> None:
    uncleared = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).mrd(28, 2e-3)
    cleared = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).mrd(28, 2e-3).mrd(60, None)
    cleared_without_claim = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).mrd(28, 2e-3)
    cleared_without_claim.mrd(60, None, sensitivity=1e-3)

    assert uncleared.finding("R2").flag_state is FlagState.CONFLICT
    assert cleared.finding("R2").flag_state is FlagState.MET
    assert cleared_without_claim.finding("R2").flag_state is FlagState.CONFLICT


def test_that_b_cells_long_after_a_relapse_are_still_suspect() -> None:
    scenario = aplastic().event(70, EventKind.RELAPSE).lymphocytes(150, 5).lymphocytes(170, 6)

    assert scenario.finding("R2", day=180).flag_state is FlagState.CONFLICT


def test_that_recovery_long_before_a_relapse_was_recovery() -> None:
    scenario = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).event(200, EventKind.RELAPSE)

    assert scenario.finding("R2", day=210).flag_state is FlagState.MET


def test_that_aplasia_after_confirmed_recovery_is_a_caution() -> None:
    finding = aplastic().lymphocytes(88, 5).lymphocytes(100, 6).lymphocytes(116, 0.1).finding("R2")

    assert finding.flag_state is FlagState.MET
    assert any("below the threshold again on day 116" in caution for caution in finding.cautions)


def test_that_no_b_cell_result_is_missing_not_negative() -> None:
    finding = Scenario().finding("R2")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("B cells in blood",) == finding.missing
