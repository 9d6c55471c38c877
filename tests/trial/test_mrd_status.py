import pytest

from labmon.domain.quantity import ValueState
from labmon.trial.mrd_status import MrdClaim, MrdStatus, mrd_status
from labmon.trial.observations import MrdMeasured
from labmon.trial.response_rules import load_mrd_definitions
from tests.trial.responding import mrd

ASH, ELN_1, ELN_2 = "ash_educ_2021", "eln_2024_variant_1", "eln_2024_variant_2"


def status(measured: MrdMeasured) -> MrdStatus:
    return mrd_status(measured, load_mrd_definitions())


@pytest.mark.parametrize(
    ("cells", "events", "claim"),
    [
        (200_000, 50, MrdClaim.NOT_DETECTED),  # 2.5e-4
        (200_000, 20, MrdClaim.NEGATIVE),  # 1.0e-4 to the digit
        (500_000, 50, MrdClaim.NEGATIVE),
        (499_999, 50, MrdClaim.NOT_DETECTED),
        (4_000_000, 50, MrdClaim.NEGATIVE),
    ],
)
def test_that_negative_is_earned_by_the_cells_of_that_sample(cells: float, events: float, claim: MrdClaim) -> None:
    assert claim is status(mrd(28, None, sensitivity=events / cells, cells=cells)).claim


def test_that_too_few_cells_are_told_how_many_would_do() -> None:
    strict = status(mrd(28, None, sensitivity=50 / 200_000, cells=200_000))
    unknown = status(mrd(28, None, sensitivity=None))

    assert 500_000 == strict.cells_needed
    assert "not detected, sensitivity 2.5·10⁻⁴ (200\u2009000 cells)" in strict.sentence
    assert "cannot claim MRD CR at 0.01\u00a0%; 500\u2009000 cells would" in strict.sentence
    assert (MrdClaim.NOT_DETECTED, None) == (unknown.claim, unknown.cells_needed)
    assert "sensitivity unknown" in unknown.sentence


def test_that_negative_and_its_sensitivity_are_said_together() -> None:
    found = status(mrd(28, None, sensitivity=1e-5, cells=5_000_000))

    assert "MRD-negative, sensitivity 10⁻⁵ (5\u2009000\u2009000 cells)" == found.sentence
    assert found.cells_needed is None


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (mrd(28, None, sensitivity=1e-4), ("MRD CR", "complete MRD response", "complete MRD response")),
        (mrd(28, None, sensitivity=2.5e-4), ("intermediate", "complete MRD response", "complete MRD response")),
        (mrd(28, 1e-4), ("MRD failure", "other", "MRD persistence")),  # exactly at the limit
        (mrd(28, 1.1e-4), ("MRD failure", "MRD failure", "MRD persistence")),
        (mrd(28, 5e-5), ("intermediate", "other", "MRD persistence")),
        (mrd(28, None, state=ValueState.DETECTED_BELOW_LLOQ), ("intermediate", "other", "other")),
        (mrd(28, None, state=ValueState.INVALID), ("not evaluable",) * 3),
    ],
)
def test_that_each_published_reading_stands_beside_the_others(
    measured: MrdMeasured, expected: tuple[str, str, str]
) -> None:
    assert dict(zip((ASH, ELN_1, ELN_2), expected, strict=True)) == status(measured).by_variant


def test_that_positive_not_quantifiable_is_no_number_and_not_negative() -> None:
    found = status(mrd(28, None, state=ValueState.DETECTED_BELOW_LLOQ))

    assert MrdClaim.POSITIVE_NOT_QUANTIFIABLE is found.claim
    assert "MRD positive, not quantifiable" == found.sentence
