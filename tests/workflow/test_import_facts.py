from dataclasses import replace
from datetime import date

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.change_set import ChangedPart
from labmon.domain.clinical import (
    ClinicalEvent,
    ClinicalFact,
    Costimulation,
    EventKind,
    Infusion,
    Medication,
    Patient,
    Sex,
)
from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.workflow.enter_facts import EnterFacts
from labmon.workflow.import_plan import Decision, PlanEntry, PlanState, plan_facts

from .conftest import ACTOR, Laboratory, specimen
from .making import clinical_workbook, qpcr_text, qubit_csv

INFUSION = Infusion(patient_code="P-001", infused_on=date(2026, 1, 10))
NEWCOMER = Patient(patient_code="P-003", sex=Sex.FEMALE)


def only(lab: Laboratory, *facts: ClinicalFact) -> PlanEntry:
    """The plan's entry for the last of these facts."""
    return lab.plan("clinical.xlsx", clinical_workbook(*facts)).entries[-1]


def infusions(lab: Laboratory, patient_code: str = "P-001") -> tuple[Infusion, ...]:
    with lab.study.reading() as record:
        return record.patient_record(patient_code).infusions


def test_that_new_facts_are_written_whole_and_with_their_place(lab: Laboratory) -> None:
    infusion = Infusion(patient_code="P-003", infused_on=date(2026, 2, 2), car_costimulation=Costimulation.CD28)
    before = lab.content()
    plan = lab.plan("clinical.xlsx", clinical_workbook(NEWCOMER, infusion, specimen("P-003-D014", 40)))
    assert before == lab.content()
    report = lab.importing.commit(lab.folder / "clinical.xlsx", plan)

    with lab.study.reading() as record:
        patient = record.patient_record("P-003")
        (stored,) = record.facts(Infusion, "P-003")
    assert [PlanState.NEW] * 3 == [entry.state for entry in plan.entries]
    assert (NEWCOMER, (infusion,)) == (patient.patient, patient.infusions)
    assert plan.reading.sha256 == stored.source_file_sha256
    assert "Infusions!R2" == stored.source_place
    assert (frozenset({ChangedPart.FILES, ChangedPart.CLINICAL}), {"P-003"}) == (
        report.changes.parts,
        report.changes.patient_codes,
    )


def test_that_a_fact_on_record_is_identical(lab: Laboratory) -> None:
    assert PlanState.IDENTICAL is only(lab, INFUSION).state


def test_that_a_row_that_fills_blanks_completes_the_fact_without_a_question(lab: Laboratory) -> None:
    fuller = replace(INFUSION, product="CAR19", car_costimulation=Costimulation.FOUR_1BB)

    entry = only(lab, fuller)
    lab.bring("clinical.xlsx", clinical_workbook(fuller))

    assert PlanState.NEW is entry.state
    assert "completes product, car_costimulation" == entry.note
    assert (fuller,) == infusions(lab)


def test_that_an_emptier_row_takes_nothing_away(lab: Laboratory) -> None:
    fuller = replace(INFUSION, product="CAR19")
    lab.bring("fuller.xlsx", clinical_workbook(fuller))

    assert PlanState.IDENTICAL is only(lab, INFUSION).state
    assert (fuller,) == infusions(lab)


@pytest.mark.parametrize(
    ("decision", "stands"),
    [(Decision.REPLACE, Costimulation.CD28), (Decision.REJECT, Costimulation.FOUR_1BB)],
)
def test_that_a_contradicting_fact_needs_a_decision(lab: Laboratory, decision: Decision, stands: Costimulation) -> None:
    lab.bring("one.xlsx", clinical_workbook(replace(INFUSION, car_costimulation=Costimulation.FOUR_1BB)))
    other = clinical_workbook(replace(INFUSION, car_costimulation=Costimulation.CD28))

    entry = lab.plan("two.xlsx", other).entries[0]
    assert entry.is_open
    assert (Decision.REPLACE, Decision.REJECT) == entry.decisions
    assert ("car_costimulation 4_1bb", "car_costimulation cd28") == (entry.recorded, entry.offered)
    with pytest.raises(UserError, match="R808"):
        lab.bring("two.xlsx", other)

    lab.bring("two.xlsx", other, decision)
    assert [stands] == [infusion.car_costimulation for infusion in infusions(lab)]


@pytest.mark.parametrize("decision", [Decision.REPLACE, Decision.REJECT])
def test_that_a_decided_workbook_again_asks_nothing_and_changes_nothing(lab: Laboratory, decision: Decision) -> None:
    lab.bring("one.xlsx", clinical_workbook(replace(INFUSION, car_costimulation=Costimulation.FOUR_1BB)))
    lab.bring("two.xlsx", clinical_workbook(replace(INFUSION, car_costimulation=Costimulation.CD28)), decision)
    before = lab.content()

    for name in ("one.xlsx", "two.xlsx"):
        plan = lab.plan(name, (lab.folder / name).read_bytes())
        assert plan.is_ready
        lab.importing.commit(lab.folder / name, plan)
    assert before == lab.content()


def test_that_the_same_workbook_again_does_not_undo_what_was_entered_by_hand(lab: Laboratory) -> None:
    content = clinical_workbook(NEWCOMER, Infusion(patient_code="P-003", infused_on=date(2026, 2, 2), product="A"))
    lab.bring("clinical.xlsx", content)
    entering = EnterFacts(lab.study, ACTOR)
    (patient,) = entering.facts(Patient, "P-003")
    entering.amend(patient, replace(NEWCOMER, sex=Sex.MALE), "typing error")
    (infusion,) = entering.facts(Infusion, "P-003")
    entering.void(infusion, "entered for the wrong patient")
    before = lab.content()

    plan = lab.plan("clinical.xlsx", content)
    lab.importing.commit(lab.folder / "clinical.xlsx", plan)

    assert [PlanState.IDENTICAL] * 2 == [entry.state for entry in plan.entries]
    assert before == lab.content()


def test_that_another_workbook_may_bring_back_what_was_voided(lab: Laboratory) -> None:
    infusion = Infusion(patient_code="P-001", infused_on=date(2026, 5, 1))
    lab.bring("one.xlsx", clinical_workbook(infusion))
    entering = EnterFacts(lab.study, ACTOR)
    (stored,) = (each for each in entering.facts(Infusion, "P-001") if each.fact == infusion)
    entering.void(stored, "not given")

    lab.bring("two.xlsx", clinical_workbook(replace(infusion, product="CAR19")))

    assert replace(infusion, product="CAR19") in infusions(lab)


@pytest.mark.parametrize(
    ("facts", "code", "says"),
    [
        ((INFUSION, INFUSION), "C506", "row 2"),
        ((replace(INFUSION, patient_code="P-999"),), "C503", "P-999"),
        ((replace(INFUSION, infused_on=date(2026, 6, 2)),), "C507", "2026-06-02"),
        (
            (
                ClinicalEvent(patient_code="P-001", event_kind=EventKind.DEATH, occurred_on=date(2026, 3, 1)),
                ClinicalEvent(patient_code="P-001", event_kind=EventKind.RELAPSE, occurred_on=date(2026, 3, 2)),
            ),
            "C504",
            "after the death on 2026-03-01",
        ),
        (
            (
                Medication(
                    patient_code="P-001",
                    drug="prednisolone",
                    started_on=date(2026, 2, 3),
                    ended_on=date(2026, 2, 1),
                ),
            ),
            "C504",
            "before started_on",
        ),
    ],
)
def test_that_a_fact_that_cannot_stand_is_rejected_with_its_reason(
    lab: Laboratory, facts: tuple[ClinicalFact, ...], code: str, says: str
) -> None:
    entry = only(lab, *facts)

    assert PlanState.REJECTED is entry.state
    assert entry.issue is not None
    assert (code, True) == (entry.issue.code, says in entry.issue.message)
    assert str(entry.place).startswith(type(facts[-1]).sheet)


def test_that_the_other_rows_come_in_beside_a_rejected_one(lab: Laboratory) -> None:
    lab.bring("clinical.xlsx", clinical_workbook(NEWCOMER, replace(INFUSION, patient_code="P-999")))

    with lab.study.reading() as record:
        assert "P-003" in record.patient_codes()
        assert ["C503"] == [issue.code for issue in record.files()[-1].rejected]


def test_that_nothing_is_added_after_a_death_on_record(lab: Laboratory) -> None:
    death = ClinicalEvent(patient_code="P-001", event_kind=EventKind.DEATH, occurred_on=date(2026, 3, 1))
    lab.bring("death.xlsx", clinical_workbook(death))

    late = only(lab, ClinicalEvent(patient_code="P-001", event_kind=EventKind.RELAPSE, occurred_on=date(2026, 3, 2)))

    assert PlanState.REJECTED is late.state
    assert late.issue is not None
    assert "C504" == late.issue.code


def test_that_volumes_that_come_later_give_copies_per_microlitre(lab: Laboratory) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D028": 800.0}))
    lab.bring("dna.csv", qubit_csv({"P-001-D028": 40.0}))
    assert () == lab.current("P-001-D028", Analyte.TRANSGENE_COPIES_PER_UL_BLOOD)

    lab.bring("clinical.xlsx", clinical_workbook(specimen("P-001-D028", 28, volumes=True)))

    per_ul = lab.one("P-001-D028", Analyte.TRANSGENE_COPIES_PER_UL_BLOOD)
    assert 40.0 == pytest.approx(per_ul.quantity.value)


def test_that_two_rows_of_one_patient_that_differ_are_both_rejected_and_name_each_other() -> None:
    rows = [Patient(patient_code="P-001", sex=sex) for sex in (Sex.FEMALE, Sex.MALE)]
    places = [Place(sheet="Patients", row=row) for row in (2, 3)]

    entries = plan_facts(list(zip(rows, places, strict=True)), {}, {}, date(2026, 6, 1), {})

    assert [PlanState.REJECTED] * 2 == [entry.state for entry in entries]
    assert ["C508", "C508"] == [entry.issue.code for entry in entries if entry.issue is not None]
    assert "Row 3 says sex male; this row says sex female." == entries[0].offered
    assert "Row 2 says sex female; this row says sex male." == entries[1].offered
