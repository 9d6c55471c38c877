from datetime import date

import pytest

from labmon.domain.clinical import (
    ClinicalEvent,
    DiseaseAssessment,
    EventKind,
    Infusion,
    Patient,
    PatientRecord,
    ResponseCategory,
)
from labmon.trial.observations import Observations
from labmon.trial.response import course_of_response
from labmon.trial.response_dates import (
    DorOrigin,
    Duration,
    DurationEnd,
    best_response,
    duration_of_response,
    remission_on,
    reported_relapse_on,
    treatment_failure_on,
)
from labmon.trial.response_rules import load_mrd_definitions, load_rule_set
from tests.trial.responding import DAY_0, mrd, observed, on
from tests.trial.test_response import later

RULES = load_rule_set("ewall_eln_2024")
AFTER, EVER = DorOrigin.FIRST_AFTER_INFUSION, DorOrigin.EVER


def record(*events: tuple[EventKind, int], reported: int | None = None) -> PatientRecord:
    relapsed = ResponseCategory.RELAPSE
    return PatientRecord(
        patient=Patient(patient_code="P-001"),
        infusions=(Infusion(patient_code="P-001", infused_on=DAY_0),),
        events=tuple(ClinicalEvent(patient_code="P-001", event_kind=kind, occurred_on=on(day)) for kind, day in events),
        disease_assessments=(
            DiseaseAssessment(patient_code="P-001", assessed_on=on(reported), response_category=relapsed),
        )
        if reported is not None
        else (),
    )


def duration(
    observations: Observations,
    *events: tuple[EventKind, int],
    origin: DorOrigin = AFTER,
    origin_day: int = 0,
    as_of: date | None = None,
) -> Duration:
    return duration_of_response(
        course_of_response(observations, RULES),
        RULES,
        observations,
        record(*events),
        origin=origin,
        origin_on=on(origin_day),
        definitions=load_mrd_definitions(),
        as_of=as_of or on(400),
    )


def test_that_response_lasts_from_the_negative_assessment_to_relapse_or_death() -> None:
    seen = later(observed(mrd=(mrd(28, None),)), (90, 2))

    assert (62, False) == (duration(seen).days, duration(seen).is_event)
    relapsed = duration(seen, (EventKind.RELAPSE, 100), (EventKind.DEATH, 200))
    assert (on(28), 72, DurationEnd.RELAPSE) == (relapsed.began_on, relapsed.days, relapsed.end)
    assert (172, DurationEnd.DEATH) == (
        duration(seen, (EventKind.DEATH, 200)).days,
        duration(seen, (EventKind.DEATH, 200)).end,
    )
    assert DurationEnd.CENSORED is duration(seen, (EventKind.DEATH, 200), as_of=on(150)).end


@pytest.mark.parametrize(
    "unfit", [mrd(28, None, sensitivity=2.5e-4), mrd(28, 5e-5), mrd(30, None)], ids=["insensitive", "positive", "late"]
)
def test_that_only_a_negative_result_of_the_same_day_begins_it(unfit: object) -> None:
    found = duration(observed(mrd=(unfit,)))

    assert (None, None) == (found.began_on, found.is_event)
    assert ("an MRD-negative result of the day of a response",) == found.missing


def test_that_without_a_response_nothing_begins() -> None:
    assert ("a qualifying response",) == duration(observed(blasts=60, mrd=(mrd(28, None),))).missing


def test_that_the_origin_is_a_switch_of_the_protocol() -> None:
    seen = later(observed(mrd=(mrd(28, None), mrd(120, None))), (120, 2))

    assert on(28) == duration(seen, origin=EVER, origin_day=100).began_on
    assert on(120) == duration(seen, origin=AFTER, origin_day=100).began_on


def test_that_the_best_response_is_the_best_one_before_a_relapse() -> None:
    nci = load_rule_set("nci_2010")
    seen = later(observed(anc=0.4), (60, 2), (90, 40), (120, 2))

    assert ResponseCategory.CR is best_response(course_of_response(seen, RULES), RULES)
    assert ResponseCategory.CR is best_response(course_of_response(seen, nci), nci)
    assert ResponseCategory.CRI is best_response(course_of_response(later(observed(anc=0.4), (90, 40)), nci), nci)
    assert ResponseCategory.NOT_EVALUABLE is best_response((), RULES)


@pytest.mark.parametrize(
    ("day", "blasts", "failed"),
    [(28, 60, True), (27, 60, False), (28, 2, False), (28, 20, False)],  # 20 % is a partial remission
)
def test_that_failure_is_dated_by_the_assessment_that_establishes_it(day: int, blasts: float, failed: bool) -> None:
    seen = observed(blasts=blasts, day=day)

    found = treatment_failure_on(course_of_response(seen, RULES), RULES, seen)

    assert (on(day) if failed else None) == found


def test_that_a_response_before_the_bad_marrow_is_no_primary_failure() -> None:
    seen = later(observed(), (90, 60))

    assert treatment_failure_on(course_of_response(seen, RULES), RULES, seen) is None
    assert on(28) == remission_on(course_of_response(seen, RULES), RULES)


def test_that_a_relapse_counts_once_whoever_reported_it_and_never_after_the_death() -> None:
    both = record((EventKind.RELAPSE, 100), reported=96)
    after_death = record((EventKind.DEATH, 90), (EventKind.RELAPSE, 100))

    assert on(96) == reported_relapse_on(both, after=on(28), as_of=on(400))
    assert on(100) == reported_relapse_on(both, after=on(96), as_of=on(400))
    assert reported_relapse_on(after_death, after=on(28), as_of=on(400)) is None
