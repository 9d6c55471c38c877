from dataclasses import replace
from datetime import date

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.audit import Act
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import (
    ClinicalEvent,
    ClinicalFact,
    EventKind,
    Infusion,
    Medication,
    Patient,
    Sex,
    Specimen,
)
from labmon.domain.errors import UserError
from labmon.workflow.enter_facts import EnterFacts

from .conftest import ACTOR, Laboratory, specimen
from .making import qpcr_text, qubit_csv

INFUSION = Infusion(patient_code="P-001", infused_on=date(2026, 1, 10))


@pytest.fixture
def entering(lab: Laboratory) -> EnterFacts:
    return EnterFacts(lab.study, ACTOR)


def changed(*patient_codes: str) -> ChangeSet:
    return ChangeSet(parts=frozenset({ChangedPart.CLINICAL}), patient_codes=frozenset(patient_codes))


def test_that_a_fact_entered_by_hand_is_on_record_with_its_audit(lab: Laboratory, entering: EnterFacts) -> None:
    relapse = ClinicalEvent(patient_code="P-001", event_kind=EventKind.RELAPSE, occurred_on=date(2026, 4, 1))

    assert changed("P-001") == entering.add(relapse)

    with lab.study.reading() as record:
        assert (relapse,) == record.patient_record("P-001").events
        entry = record.audit_entries()[-1]
    assert (Act.ADD_FACT, "clinical_event", "technician A") == (entry.act, entry.entity, entry.person)


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (INFUSION, "C505"),
        (replace(INFUSION, product="another name for it"), "C505"),
        (Patient(patient_code="P-002", sex=Sex.MALE), "C505"),
        (replace(specimen("P-001-D014", 20), patient_code="P-002"), "C505"),
        (replace(INFUSION, patient_code="P-999"), "C503"),
        (replace(INFUSION, infused_on=date(2027, 1, 1)), "C507"),
        (
            Medication(
                patient_code="P-001", drug="tocilizumab", started_on=date(2026, 2, 2), ended_on=date(2026, 2, 1)
            ),
            "C504",
        ),
    ],
)
def test_that_a_fact_that_cannot_stand_is_refused_and_nothing_written(
    lab: Laboratory, entering: EnterFacts, fact: ClinicalFact, code: str
) -> None:
    before = lab.content()

    with pytest.raises(UserError, match=f"^{code}"):
        entering.add(fact)
    assert before == lab.content()


def test_that_an_amended_fact_keeps_its_earlier_version_and_its_reason(lab: Laboratory, entering: EnterFacts) -> None:
    (stored,) = entering.facts(Infusion, "P-001")

    assert changed("P-001") == entering.amend(stored, replace(INFUSION, product="CAR19"), "product form received")

    with lab.study.reading() as record:
        assert (replace(INFUSION, product="CAR19"),) == record.patient_record("P-001").infusions
        assert INFUSION == record.fact(Infusion, stored.fact_id).fact
        entry = record.audit_entries()[-1]
    assert (Act.AMEND_FACT, "product form received") == (entry.act, entry.reason)


def test_that_an_amendment_without_a_change_writes_nothing(lab: Laboratory, entering: EnterFacts) -> None:
    (stored,) = entering.facts(Infusion, "P-001")
    before = lab.content()

    assert not entering.amend(stored, INFUSION, "none")
    assert before == lab.content()


def test_that_a_fact_is_not_amended_into_one_that_stands_already(lab: Laboratory, entering: EnterFacts) -> None:
    second = replace(INFUSION, infused_on=date(2026, 5, 5))
    entering.add(second)
    (stored,) = (each for each in entering.facts(Infusion, "P-001") if each.fact == second)

    with pytest.raises(UserError, match=r"^C505"):
        entering.amend(stored, INFUSION, "wrong date")


def test_that_a_fact_amended_meanwhile_is_not_amended_or_voided_again(lab: Laboratory, entering: EnterFacts) -> None:
    (stale,) = entering.facts(Infusion, "P-001")
    entering.amend(stale, replace(INFUSION, product="A"), "first")

    with pytest.raises(UserError, match=r"^R808"):
        entering.amend(stale, replace(INFUSION, product="B"), "second")
    with pytest.raises(UserError, match=r"^R808"):
        entering.void(stale, "third")


@pytest.mark.parametrize("reason", ["", " "])
def test_that_amending_and_voiding_need_a_reason(lab: Laboratory, entering: EnterFacts, reason: str) -> None:
    (stored,) = entering.facts(Infusion, "P-001")
    before = lab.content()

    with pytest.raises(UserError, match=r"^R808"):
        entering.amend(stored, replace(INFUSION, product="A"), reason)
    with pytest.raises(UserError, match=r"^R808"):
        entering.void(stored, reason)
    assert before == lab.content()


def test_that_a_voided_fact_is_gone_from_the_patient_and_may_be_entered_anew(
    lab: Laboratory, entering: EnterFacts
) -> None:
    (stored,) = entering.facts(Infusion, "P-001")

    entering.void(stored, "wrong patient")
    assert () == entering.facts(Infusion, "P-001")

    entering.add(INFUSION)
    assert [INFUSION] == [each.fact for each in entering.facts(Infusion, "P-001")]


def test_that_volumes_entered_by_hand_give_copies_per_microlitre(lab: Laboratory, entering: EnterFacts) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D028": 800.0}))
    lab.bring("dna.csv", qubit_csv({"P-001-D028": 40.0}))
    (stored,) = (s for s in entering.facts(Specimen, "P-001") if s.fact == specimen("P-001-D028", 28))

    changes = entering.amend(stored, specimen("P-001-D028", 28, volumes=True), "form found")

    assert ChangedPart.RESULTS in changes.parts
    assert 40.0 == pytest.approx(lab.one("P-001-D028", Analyte.TRANSGENE_COPIES_PER_UL_BLOOD).quantity.value)


def test_that_the_results_of_a_specimen_follow_it_to_the_patient_it_belongs_to(
    lab: Laboratory, entering: EnterFacts
) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D028": 800.0}))
    lab.bring("dna.csv", qubit_csv({"P-001-D028": 40.0}))
    (stored,) = (s for s in entering.facts(Specimen, "P-001") if s.fact == specimen("P-001-D028", 28))

    changes = entering.amend(stored, replace(specimen("P-001-D028", 28), patient_code="P-002"), "labels exchanged")

    assert {"P-001", "P-002"} == changes.patient_codes
    with lab.study.reading() as record:
        assert () == record.results(("P-001",))
        moved = record.results(("P-002",))
        assert ["P-001"] == [v.patient_code for v in record.result_versions(moved[0].result_id)[1:]]
        assert "P-001-D028 belongs to P-002" in [entry.reason for entry in record.audit_entries()]
    assert {"P-001-D028"} == {result.specimen_code for result in moved}
