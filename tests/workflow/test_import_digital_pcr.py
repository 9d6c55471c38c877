import math

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.quantity import ValueState
from labmon.domain.run import Acceptance

from .conftest import Laboratory
from .making import qubit_csv

HEADINGS = "Well,Sample,TargetType,Target,Status,Concentration,Positives,Negatives,AcceptedDroplets,MergedWells"
ACCEPTED = 16_000


def row(well: str, sample: str, positives: int, *, accepted: int = ACCEPTED, merged: str = "", task: str = "") -> str:
    negatives = accepted - positives
    copies = 1_000_000.0 if negatives == 0 else -math.log(negatives / accepted) / 0.85 * 1000
    return f"{well},{sample},Ch1{task or 'Unknown'},CAR,OK,{copies:.6g},{positives},{negatives},{accepted},{merged},"


def export(*rows: str, ntc_positives: int = 0, control_positives: int = 136) -> bytes:
    """Wells with a no-template control and a positive control of 200 copies in 20 microlitres."""
    controls = (row("G01", "NTC", ntc_positives, task="NTC"), row("H01", "PC", control_positives))
    return ("\r\n".join((HEADINGS, *rows, *controls)) + "\r\n").encode()


def test_that_partitions_become_copies_per_reaction_and_with_the_dna_copies_per_ug(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("dpcr.csv", export(row("A01", "P-001-D014", 1600), row("A02", "P-001-D014", 1650)))

    per_reaction = lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION).quantity
    per_ug = lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_UG_DNA).quantity
    mean = sum(-math.log(1 - positives / ACCEPTED) / 0.85 * 1000 * 20 for positives in (1600, 1650)) / 2
    assert mean == pytest.approx(per_reaction.value, rel=1e-5)
    assert mean / 0.2 == pytest.approx(per_ug.value, rel=1e-5)  # 5 uL of 40 ng/uL
    assert ValueState.QUANTIFIED is per_ug.state


def test_that_merged_wells_are_not_counted_twice(lab: Laboratory) -> None:
    wells = (row("A01", "P-001-D014", 1600), row("A02", "P-001-D014", 1650))
    merged = row("M01", "P-001-D014", 3250, accepted=2 * ACCEPTED, merged='"(A01,A02)"')
    lab.bring("dpcr.csv", export(*wells, merged))

    assert 2.0 == lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION).draft.basis["replicates_total"]


def test_that_no_positive_partition_is_not_detected_and_never_zero(lab: Laboratory) -> None:
    lab.bring("dpcr.csv", export(row("A01", "P-001-D014", 0)))

    quantity = lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION).quantity
    assert (ValueState.NOT_DETECTED, None) == (quantity.state, quantity.value)


def test_that_a_saturated_well_is_above_what_can_be_counted_and_held(lab: Laboratory) -> None:
    lab.bring("dpcr.csv", export(row("A01", "P-001-D014", ACCEPTED)))

    result = lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION)
    assert (ValueState.ABOVE_ULOQ, None, True) == (result.quantity.state, result.quantity.value, result.is_held)


def test_that_too_few_partitions_give_no_result(lab: Laboratory) -> None:
    lab.bring("dpcr.csv", export(row("A01", "P-001-D014", 900, accepted=9_000)))

    result = lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION)
    assert ValueState.NO_RESULT is result.quantity.state
    assert "D203" in [issue.code for issue in result.draft.issues]


@pytest.mark.parametrize(
    ("controls", "check_id"),
    [({"ntc_positives": 3}, "ntc_outcome"), ({"control_positives": 300}, "control:positive")],
)
def test_that_a_control_outside_its_limit_holds_the_run(
    controls: dict[str, int], check_id: str, lab: Laboratory
) -> None:
    content = export(row("A01", "P-001-D014", 1600), **controls)
    plan = lab.plan("dpcr.csv", content)
    lab.bring("dpcr.csv", content)

    (run,) = plan.runs
    assert Acceptance.HELD is run.acceptance
    assert [check_id] == [check.check_id for check in run.checks if check.outcome.value != "passed"]
    assert lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION).is_held
