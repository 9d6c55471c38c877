from dataclasses import replace
from datetime import date, timedelta

import pytest

from labmon.criteria.protocol import load_protocol
from labmon.domain.clinical import (
    DiseaseAssessment,
    EventKind,
    Infusion,
    InfusionKind,
    PatientRecord,
    ResponseCategory,
)
from labmon.domain.issue import Issue
from labmon.trial.course_issues import course_issues, read_up_to
from tests.trial.candidates import CODE, TODAY, attested, candidate, car_t, event


def on(day: int) -> date:
    return TODAY + timedelta(days=day)


def assessed(day: int, category: ResponseCategory, blasts: float | None = None) -> DiseaseAssessment:
    return DiseaseAssessment(
        patient_code=CODE, assessed_on=on(day), response_category=category, marrow_blasts_pct=blasts
    )


def issues(record: PatientRecord, *, as_of: int = 400, today: int = 400) -> list[Issue]:
    limit = load_protocol("nct04534634").relapse.marrow_blasts
    return list(course_issues(record, remission_marrow=limit, as_of=on(as_of), today=on(today)))


def infused(**changed: object) -> PatientRecord:
    return candidate(infusions=(car_t(0),), **changed)


def test_that_a_course_without_contradictions_raises_nothing() -> None:
    record = infused(
        disease_assessments=(assessed(28, ResponseCategory.CR),),
        events=(event(EventKind.RELAPSE, 90), event(EventKind.DEATH, 200)),
    )

    assert [] == issues(record)


@pytest.mark.parametrize(
    ("remission", "is_named"),
    [
        (None, True),
        (assessed(120, ResponseCategory.CR), True),  # after the relapse
        (assessed(90, ResponseCategory.CR), True),  # on the same day
        (assessed(28, ResponseCategory.MLFS), False),
        (assessed(28, ResponseCategory.NOT_EVALUABLE, blasts=4.9), False),
        (assessed(28, ResponseCategory.NOT_EVALUABLE, blasts=5), True),
    ],
)
def test_that_a_relapse_needs_a_remission_before_it(remission: DiseaseAssessment | None, is_named: bool) -> None:
    record = infused(disease_assessments=(remission,) if remission else (), events=(event(EventKind.RELAPSE, 90),))

    found = issues(record)

    assert (["T651"] if is_named else []) == [issue.code for issue in found]
    assert all(f"P-004: relapse of {on(90)}" in issue.message for issue in found)


def test_that_the_relapse_the_infusion_was_given_for_is_no_contradiction() -> None:
    assert [] == issues(infused(events=(event(EventKind.RELAPSE, -30),)))


def test_that_what_is_dated_after_the_death_is_named_and_no_response_is_read_from_it() -> None:
    record = infused(
        disease_assessments=(assessed(60, ResponseCategory.CR),),
        events=(event(EventKind.DEATH, 50), event(EventKind.LAST_CONTACT, 61)),
    )
    attested_later = replace(attested("B1"), attested_on=on(70))

    found = issues(replace(record, attestations=(attested_later,)))

    assert ["T652", "T652"] == [issue.code for issue in found]
    assert f"P-004: disease assessment of {on(60)} is dated after the death on {on(50)}" in found[0].message
    assert f"P-004: last contact of {on(61)}" in found[1].message
    assert on(50) == read_up_to(record, on(400))
    assert on(30) == read_up_to(record, on(30))


def test_that_a_day_to_come_is_named_only_when_it_lies_after_today_itself() -> None:
    record = infused(disease_assessments=(assessed(28, ResponseCategory.CR),))

    assert [] == issues(record, as_of=10, today=400)  # an earlier day looked at again
    assert ["T653"] == [issue.code for issue in issues(record, as_of=10, today=10)]


def test_that_study_cells_and_responses_without_an_infusion_are_named() -> None:
    cells = Infusion(patient_code=CODE, infused_on=on(40), infusion_kind=InfusionKind.STUDY_CELLS)
    remission = (assessed(28, ResponseCategory.CR),)
    early = candidate(infusions=(replace(cells, infused_on=on(-3)), car_t(0)))

    assert ["T654", "T654"] == [
        issue.code for issue in issues(candidate(infusions=(cells,), disease_assessments=remission))
    ]
    assert ["T654"] == [issue.code for issue in issues(early)]
