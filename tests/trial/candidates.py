"""A candidate of NCT04534634 with everything its criteria ask for, and ways to change one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from labmon.criteria.protocol import load_protocol
from labmon.domain.clinical import (
    Attestation,
    AttestedState,
    CardiacStatus,
    ClinicalEvent,
    Consent,
    ConsentKind,
    DiseaseAssessment,
    EcogScore,
    EventKind,
    InfectionState,
    Infusion,
    LabAnalyte,
    LabUnit,
    LabValue,
    Patient,
    PatientRecord,
    PerformanceStatus,
    Serology,
    TargetExpression,
    Virus,
)
from labmon.domain.finding import CriterionAnswer
from labmon.domain.protocol_confirmation import ProtocolConfirmation
from labmon.trial.eligibility import EligibilityDecision, decide, eligibility

CODE = "P-004"
TODAY = date(2026, 3, 2)
BY_PERSON = ("B1", "B6", "BX1", "BX2", "BX3", "BX4", "BX7", "BX8", "BX9")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def attested(criterion: str, state: AttestedState = AttestedState.MET) -> Attestation:
    return Attestation(
        patient_code=CODE, criterion_id=criterion, attested_on=ago(1), attested_state=state, attested_by="B"
    )


def lab(
    analyte: LabAnalyte, value: float, unit: LabUnit, *, upper: float | None = None, on: date | None = None
) -> LabValue:
    return LabValue(
        patient_code=CODE,
        lab_analyte=analyte,
        measured_on=on or ago(3),
        value=value,
        lab_unit=unit,
        upper_limit=upper,
    )


def liver(ast: float = 40, alt: float = 40, bilirubin: float = 0.8) -> tuple[LabValue, ...]:
    return (
        lab(LabAnalyte.AST, ast, LabUnit.UNITS_PER_L, upper=40),
        lab(LabAnalyte.ALT, alt, LabUnit.UNITS_PER_L, upper=40),
        lab(LabAnalyte.BILIRUBIN, bilirubin, LabUnit.MG_PER_DL, upper=1.2),
    )


def heart(lvef: float | None = 0.62, nyha: Any = None) -> tuple[CardiacStatus, ...]:
    return (CardiacStatus(patient_code=CODE, assessed_on=ago(3), lvef_fraction=lvef, nyha_class=nyha),)


def target(pct: float, antigen: str = "CD19") -> TargetExpression:
    return TargetExpression(patient_code=CODE, antigen=antigen, measured_on=ago(20), target_pct_of_blasts=pct)


def serology(state: InfectionState = InfectionState.NOT_ACTIVE, *viruses: Virus) -> tuple[Serology, ...]:
    return tuple(
        Serology(patient_code=CODE, virus=virus, tested_on=ago(10), infection_state=state)
        for virus in viruses or tuple(Virus)
    )


def candidate(**changed: Any) -> PatientRecord:
    """Everything met; the arguments replace fields of the record."""
    record = PatientRecord(
        patient=Patient(patient_code=CODE, birth_date=date(2000, 6, 1)),
        consents=(Consent(patient_code=CODE, consent_kind=ConsentKind.CONSENT, consented_on=ago(5)),),
        disease_assessments=(DiseaseAssessment(patient_code=CODE, assessed_on=ago(20), marrow_blasts_pct=62),),
        attestations=tuple(attested(criterion) for criterion in BY_PERSON),
        performance_statuses=(
            PerformanceStatus(patient_code=CODE, assessed_on=ago(3), ecog_score=EcogScore.RESTRICTED),
        ),
        target_expressions=(target(98),),
        cardiac_statuses=heart(),
        lab_values=liver(),
        serologies=serology(),
    )
    return replace(record, **changed)


def car_t(day: int, target: str | None = "CD19") -> Infusion:
    return Infusion(patient_code=CODE, infused_on=TODAY + timedelta(days=day), car_target=target)


def event(kind: EventKind, day: int) -> ClinicalEvent:
    return ClinicalEvent(patient_code=CODE, event_kind=kind, occurred_on=TODAY + timedelta(days=day))


CONFIRMED = (
    ProtocolConfirmation(
        protocol_id="NCT04534634",
        protocol_version="1.0",
        subject="B5",
        statement="read as an exclusion",
        confirmed_on=ago(100),
        confirmed_by="coordinator C",
    ),
)


def answers(
    record: PatientRecord, *, confirmations: tuple[ProtocolConfirmation, ...] = CONFIRMED, as_of: date = TODAY
) -> dict[str, CriterionAnswer]:
    protocol = load_protocol("nct04534634")
    found = eligibility(None, record, (), protocol, as_of=as_of, confirmations=confirmations)
    return {answer.criterion_id: answer for answer in found}


def decision(record: PatientRecord, **more: Any) -> EligibilityDecision:
    return decide(tuple(answers(record, **more).values()))
