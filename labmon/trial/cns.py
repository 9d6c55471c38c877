"""CNS status of a lumbar puncture: cells of the fluid, a traumatic needle told from leukaemia, clinical signs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labmon.domain.clinical import CsfAssessment, SignState
from labmon.trial.response_rules import CnsDefinition


class CnsStatus(StrEnum):
    CNS1 = "CNS1"
    CNS2A = "CNS2a"
    CNS2B = "CNS2b"
    CNS2C = "CNS2c"
    CNS3 = "CNS3"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CnsCall:
    status: CnsStatus
    on: date
    missing: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


def cns_status(csf: CsfAssessment, definition: CnsDefinition) -> CnsCall:
    """Signs alone are CNS3; blasts nobody looked for are not absent."""
    if csf.cns_signs is SignState.PRESENT:
        return CnsCall(status=CnsStatus.CNS3, on=csf.assessed_on)
    unseen = ("clinical signs are not on record",) if csf.cns_signs is SignState.UNKNOWN else ()
    match csf.csf_blasts:
        case SignState.UNKNOWN:
            return CnsCall(status=CnsStatus.NOT_EVALUABLE, on=csf.assessed_on, missing=("CSF blasts",))
        case SignState.ABSENT:
            return CnsCall(status=CnsStatus.CNS1, on=csf.assessed_on, cautions=unseen)
        case SignState.PRESENT:
            return _with_blasts(csf, definition, unseen)


def _with_blasts(csf: CsfAssessment, definition: CnsDefinition, cautions: tuple[str, ...]) -> CnsCall:
    def call(status: CnsStatus, *missing: str, more: tuple[str, ...] = ()) -> CnsCall:
        return CnsCall(status=status, on=csf.assessed_on, missing=missing, cautions=(*cautions, *more))

    white, red = csf.csf_wbc_per_ul, csf.csf_rbc_per_ul
    if white is None or red is None:
        lacking = [name for name, value in (("CSF white cells", white), ("CSF red cells", red)) if value is None]
        return call(CnsStatus.NOT_EVALUABLE, *lacking)
    is_traumatic = definition.traumatic.holds(red)
    if not definition.many_white_cells.holds(white):
        return call(CnsStatus.CNS2B if is_traumatic else CnsStatus.CNS2A)
    if not is_traumatic:
        return call(CnsStatus.CNS3)
    if not csf.blood_wbc_per_ul or not csf.blood_rbc_per_ul:
        return call(CnsStatus.NOT_EVALUABLE, "white and red cells of the blood on that day")
    excess = (white / red) / (csf.blood_wbc_per_ul / csf.blood_rbc_per_ul)
    if math.isclose(excess, definition.excess.value, rel_tol=1e-9):
        return call(CnsStatus.CNS3, more=("boundary_value: exactly twice the blood; neither > nor < holds",))
    return call(CnsStatus.CNS3 if definition.excess.holds(excess) else CnsStatus.CNS2C)
