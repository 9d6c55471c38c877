import pytest

from labmon.domain.clinical import CsfAssessment, SignState
from labmon.trial.cns import CnsCall, CnsStatus, cns_status
from labmon.trial.response_rules import load_cns_definition
from tests.trial.responding import on


def puncture(
    blasts: SignState = SignState.PRESENT,
    white: float | None = None,
    red: float | None = None,
    blood: tuple[float, float] | None = None,
    signs: SignState = SignState.ABSENT,
) -> CnsCall:
    csf = CsfAssessment(
        patient_code="P-001",
        assessed_on=on(28),
        csf_blasts=blasts,
        csf_wbc_per_ul=white,
        csf_rbc_per_ul=red,
        blood_wbc_per_ul=blood[0] if blood else None,
        blood_rbc_per_ul=blood[1] if blood else None,
        cns_signs=signs,
    )
    return cns_status(csf, load_cns_definition())


@pytest.mark.parametrize(
    ("white", "red", "blood", "expected"),
    [
        (4.9, 9, None, CnsStatus.CNS2A),
        (4.9, 10, None, CnsStatus.CNS2B),
        (5, 9, None, CnsStatus.CNS3),
        (20, 1000, (5000, 5e5), CnsStatus.CNS3),  # exactly twice the blood's ratio
        (19, 1000, (5000, 5e5), CnsStatus.CNS2C),
        (21, 1000, (5000, 5e5), CnsStatus.CNS3),
    ],
)
def test_that_blasts_are_placed_by_white_and_red_cells(
    white: float, red: float, blood: tuple[float, float] | None, expected: CnsStatus
) -> None:
    assert expected is puncture(white=white, red=red, blood=blood).status


def test_that_exactly_twice_the_blood_is_said_to_be_a_boundary() -> None:
    assert puncture(white=20, red=1000, blood=(5000, 5e5)).cautions[0].startswith("boundary_value")


def test_that_no_blasts_are_cns1_and_signs_alone_cns3() -> None:
    assert CnsStatus.CNS1 is puncture(SignState.ABSENT, 2, 0).status
    assert CnsStatus.CNS3 is puncture(SignState.ABSENT, 0, 0, signs=SignState.PRESENT).status
    assert ("clinical signs are not on record",) == puncture(SignState.ABSENT, signs=SignState.UNKNOWN).cautions


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (puncture(SignState.UNKNOWN, 2, 0), ("CSF blasts",)),
        (puncture(white=6), ("CSF red cells",)),
        (puncture(), ("CSF white cells", "CSF red cells")),
        (puncture(white=6, red=50), ("white and red cells of the blood on that day",)),
    ],
)
def test_that_a_missing_count_is_named_and_never_taken_as_absent(found: CnsCall, missing: tuple[str, ...]) -> None:
    assert (CnsStatus.NOT_EVALUABLE, missing) == (found.status, found.missing)
