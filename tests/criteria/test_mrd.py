import pytest

from labmon.domain.analyte import MrdMethod
from labmon.domain.finding import FlagState
from tests.criteria.patients import Scenario


@pytest.mark.parametrize(
    ("method", "fraction", "state"),
    [
        (MrdMethod.FLOW, 0.0001, FlagState.MET),
        (MrdMethod.FLOW, 0.0100 / 100, FlagState.MET),
        (MrdMethod.FLOW, 0.000099, FlagState.NOT_MET),
        (MrdMethod.NGS, 2e-6, FlagState.MET),
        (MrdMethod.RQ_PCR, 1e-4, FlagState.MET),
        (MrdMethod.RQ_PCR, 5e-5, FlagState.NOT_MET),
    ],
)
def test_that_each_method_is_positive_by_its_own_limit(method: MrdMethod, fraction: float, state: FlagState) -> None:
    assert state is Scenario().mrd(28, fraction, method=method, lloq=1e-6).finding("R4").flag_state


def test_that_any_signal_by_ngs_is_positive_even_below_its_lloq() -> None:
    assert Scenario().mrd(28, 1e-6, method=MrdMethod.NGS, lloq=1e-5).finding("R4").flag_state is FlagState.MET


def test_that_positive_not_quantifiable_is_never_made_a_number() -> None:
    low = Scenario().mrd(28, 1e-5, lloq=5e-5).finding("R4")
    high = Scenario().mrd(28, 1e-4, lloq=2.5e-4).finding("R4")

    assert low.flag_state is FlagState.NOT_MET
    assert any("a signal below the limit" in caution for caution in low.cautions)
    assert high.flag_state is FlagState.NOT_EVALUABLE
    assert "positive but not quantifiable" in high.sentence


@pytest.mark.parametrize(
    ("sensitivity", "state"),
    [
        (1e-5, FlagState.NOT_MET),
        (1e-4, FlagState.NOT_MET),
        (2.5e-4, FlagState.NOT_EVALUABLE),
        (None, FlagState.NOT_EVALUABLE),
    ],
)
def test_that_not_detected_counts_only_at_the_sensitivity_it_earned(
    sensitivity: float | None, state: FlagState
) -> None:
    finding = Scenario().mrd(28, None, sensitivity=sensitivity, basis={"mrd_total_cells": 200000}).finding("R4")

    assert state is finding.flag_state
    assert bool(finding.missing) == (state is FlagState.NOT_EVALUABLE)


def test_that_the_sentence_names_sensitivity_and_cells_where_absence_cannot_be_claimed() -> None:
    finding = Scenario().mrd(28, None, sensitivity=2.5e-4, basis={"mrd_total_cells": 200000}).finding("R4")

    assert "sensitivity 2.5·10⁻⁴ (200\u2009000 cells): cannot claim absence at 10⁻⁴" in finding.sentence


def test_that_the_latest_sample_of_each_method_speaks() -> None:
    cleared = Scenario().mrd(28, 2e-3).mrd(90, None)
    ngs_alone = Scenario().mrd(28, 2e-5, method=MrdMethod.NGS, lloq=1e-6).mrd(90, None)

    assert cleared.finding("R4").flag_state is FlagState.NOT_MET
    assert ngs_alone.finding("R4").flag_state is FlagState.MET
    assert "NGS" in ngs_alone.finding("R4").sentence


def test_that_an_older_adequate_sample_does_not_speak_for_a_newer_inadequate_one() -> None:
    scenario = Scenario().mrd(28, None).mrd(90, None, sensitivity=1e-3)

    assert scenario.finding("R4").flag_state is FlagState.NOT_EVALUABLE


def test_that_disease_before_the_infusion_is_not_mrd_after_it() -> None:
    finding = Scenario().mrd(-7, 0.1).finding("R4")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("MRD",) == finding.missing
