from datetime import UTC, date, datetime

import pytest

from labmon.domain.change_set import ChangeSet
from labmon.domain.clinical import ClinicalEvent, EventKind, Infusion
from labmon.domain.errors import UserError
from labmon.domain.result import Result
from labmon.records.study import Study
from labmon.workflow.amend import Amend
from labmon.workflow.assess import Assess, Assessment, flagged, plain_assessments
from labmon.workflow.enter_facts import EnterFacts

from .conftest import ACTOR, AS_OF, Laboratory
from .making import qpcr_text, qubit_csv

PER_UG = "transgene_copies_per_ug_dna"


def values(assessment: Assessment) -> list[float | None]:
    """Copies per µg on the timeline, in order of their days."""
    assert assessment.timeline is not None
    return [
        point.result.quantity.value
        for key, points in assessment.timeline.series.items()
        for point in points
        if PER_UG in str(key)
    ]


def bring_day_14_and_28(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0, "P-001-D028": 40.0, "P-002-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0, "P-001-D028": 100.0, "P-002-D014": 60.0}))


def test_that_an_assessment_stands_until_a_change_touches_its_patient(lab: Laboratory) -> None:
    bring_day_14_and_28(lab)
    assess = Assess(lab.study)
    first, other = assess.patient("P-001"), assess.patient("P-002")
    event = ClinicalEvent(patient_code="P-001", event_kind=EventKind.RELAPSE, occurred_on=date(2026, 4, 1))
    changes = EnterFacts(lab.study, ACTOR).add(event)

    assert first is assess.patient("P-001"), "kept until it is told"
    assess.forget(changes)

    assert (event,) == assess.patient("P-001").record.events
    assert other is assess.patient("P-002")


def test_that_all_patients_are_assessed_anew_only_where_something_changed(lab: Laboratory) -> None:
    bring_day_14_and_28(lab)
    assess = Assess(lab.study)
    first, other = assess.all_patients()
    (result,) = (r for r in lab_results(lab, "P-001-D014") if r.analyte.value == PER_UG)
    assess.forget(Amend(lab.study, ACTOR).exclude_result(result.result_id, "sample swap suspected"))

    again, untouched = assess.all_patients()

    assert other is untouched
    assert first is not again
    assert [4000.0, 500.0] == pytest.approx(values(first))
    assert [500.0] == pytest.approx([v for v in values(again) if v is not None][-1:])


def lab_results(lab: Laboratory, specimen_code: str) -> tuple[Result, ...]:
    with lab.study.reading() as record:
        return record.results(specimen_codes=(specimen_code,))


def test_that_an_import_names_every_patient_whose_assessment_it_changes(lab: Laboratory) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0, "P-002-D014": 60.0}))
    assess = Assess(lab.study)
    before = {each.patient_code: each for each in assess.all_patients()}

    assess.forget(lab.bring("dna.csv", qubit_csv({"P-002-D014": 40.0})).changes)

    after = {each.patient_code: each for each in assess.all_patients()}
    assert before["P-001"] is after["P-001"]
    assert [300.0] == pytest.approx(values(after["P-002"]))


def test_that_yesterdays_assessments_are_not_todays(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    assess = Assess(lab.study)
    assess.all_patients()

    monkeypatch.setattr(Study, "as_of", date(2026, 6, 2))

    assert [date(2026, 6, 2)] * 2 == [each.as_of for each in assess.all_patients()]
    assert date(2026, 6, 2) == assess.patient("P-001").as_of


def test_that_as_of_leaves_out_what_was_collected_later(lab: Laboratory) -> None:
    bring_day_14_and_28(lab)
    assess = Assess(lab.study)

    assert [4000.0, 500.0] == pytest.approx(values(assess.patient("P-001")))
    assert [4000.0] == pytest.approx(values(assess.patient("P-001", as_of=date(2026, 2, 6))))
    assert [4000.0] == pytest.approx(values(assess.all_patients(as_of=date(2026, 2, 6))[0]))
    assert AS_OF == assess.patient("P-001").as_of


def test_that_the_record_is_assessed_as_it_was_known_at_an_earlier_moment(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0}))
    then = datetime.now(UTC)
    lab.bring("later.txt", qpcr_text({"P-001-D028": 100.0}, run_name="CAR 0301"))
    lab.bring("dna2.csv", qubit_csv({"P-001-D028": 40.0}, run_id="2026-02-20"))
    event = ClinicalEvent(patient_code="P-001", event_kind=EventKind.RELAPSE, occurred_on=date(2026, 4, 1))
    EnterFacts(lab.study, ACTOR).add(event)
    (result,) = (r for r in lab_results(lab, "P-001-D014") if r.analyte.value == PER_UG)
    Amend(lab.study, ACTOR).exclude_result(result.result_id, "sample swap suspected")
    assess = Assess(lab.study)

    known, now = assess.patient("P-001", known_on=then), assess.patient("P-001")

    assert [4000.0] == pytest.approx(values(known))
    assert () == known.record.events
    assert (event,) == now.record.events
    assert 500.0 == pytest.approx(values(now)[-1])


def test_that_a_patient_without_an_infusion_has_no_day_and_says_so(lab: Laboratory) -> None:
    entering = EnterFacts(lab.study, ACTOR)
    (stored,) = entering.facts(Infusion, "P-002")
    entering.void(stored, "not given")

    assessment = Assess(lab.study).patient("P-002")

    assert assessment.timeline is None
    assert ["K601"] == [issue.code for issue in assessment.issues]
    assert "No CAR-T infusion of P-002 is on record" in assessment.issues[0].message
    assert () == assessment.flags
    plain = plain_assessments((assessment,), Assess(lab.study).protocol, "TEST")
    assert (None, [], False) == tuple(plain["patients"][0][name] for name in ("day", "findings", "flagged"))


def test_that_an_unknown_code_is_refused(lab: Laboratory) -> None:
    with pytest.raises(UserError, match=r"^R807 .*P-999"):
        Assess(lab.study).patient("P-999")


def test_that_forgetting_nothing_keeps_everything(lab: Laboratory) -> None:
    assess = Assess(lab.study)
    kept = assess.all_patients()

    assess.forget(ChangeSet())

    assert all(one is other for one, other in zip(kept, assess.all_patients(), strict=True))
    assert () == flagged(kept)
