"""Puts invented patients' scenarios on record, so that pages and use cases see them as a study would hold them."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from labmon.domain.actor import Actor
from labmon.domain.clinical import (
    Attestation,
    AttestedState,
    ClinicalFact,
    Consent,
    ConsentKind,
    DiseaseAssessment,
    PatientRecord,
)
from labmon.domain.reading import FileReading
from labmon.domain.run import Acceptance, CheckOutcome, Run, RunCheck
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult
from tests.criteria.patients import Scenario, flagged_patient, on

ACTOR = Actor(person="coordinator D", role="coordinator", workstation="ward 4")


def candidate(
    scenario: Scenario | None = None,
    *,
    born: date = date(2000, 6, 1),
    attested: tuple[str, ...] = ("A4", "A5", "A6"),
    consent_day: int | None = 118,
) -> Scenario:
    """The flagged patient, or another, with everything the other criteria ask for."""
    scenario = scenario or flagged_patient()
    record = scenario.record
    marrow = DiseaseAssessment(patient_code="P-001", assessed_on=on(-20), marrow_blasts_pct=62)
    consents = (
        ()
        if consent_day is None
        else (Consent(patient_code="P-001", consent_kind=ConsentKind.CONSENT, consented_on=on(consent_day)),)
    )
    scenario.record = replace(
        record,
        patient=replace(record.patient, birth_date=born),
        disease_assessments=(marrow, *record.disease_assessments),
        consents=consents,
        attestations=tuple(attestation(each) for each in attested),
    )
    return scenario


def attestation(
    criterion_id: str, patient_code: str = "P-001", state: AttestedState = AttestedState.MET
) -> Attestation:
    return Attestation(
        patient_code=patient_code,
        criterion_id=criterion_id,
        attested_on=on(118),
        attested_state=state,
        attested_by="investigator B",
    )


def one_low_sample() -> Scenario:
    """Expansion, then one sample below the cutoff on day 89: a repeat is useful from day 96 to day 124."""
    scenario = Scenario().transgene(10, 41300).transgene(68, 312).transgene(89, 30)
    return scenario.lymphocytes(68, 0.1).lymphocytes(89, 0.2).marrow(89)


def make_study(path: Path, scenarios: Mapping[str, Scenario], *, as_of: date) -> Study:
    """A study with these patients, looked at on a day."""
    study = Study.create(
        path,
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=as_of,
    )
    for code, scenario in scenarios.items():
        put_on_record(study, code, scenario)
    return study


def put_on_record(study: Study, code: str, scenario: Scenario) -> None:
    """The scenario's facts and results under the patient's code; a run holds when one of its results is held."""
    content = f"invented results of {code}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    reading = FileReading(
        file_name=f"{code}.txt",
        sha256=sha256,
        size_bytes=len(content),
        format_id="quantstudio_text",
        format_title="QuantStudio text",
        reader_version=1,
    )
    drafts = [
        replace(r.draft, specimen_code=f"{code}-{r.draft.specimen_code}", run_code=f"{code} {r.draft.run_code}")
        for r in scenario.results
    ]
    held = {draft.run_code: draft.held_reason for draft in drafts if draft.held_reason}
    with study.writing(ACTOR) as record:
        for fact in _facts(scenario.record):
            record.put_fact(NewFact(fact=_renamed(fact, code)))
        record.import_file(
            reading,
            content,
            runs=[_run(run_code, sha256, held.get(run_code)) for run_code in dict.fromkeys(d.run_code for d in drafts)],
            results=[NewResult(draft=draft, patient_code=code) for draft in drafts],
        )


def _facts(record: PatientRecord) -> list[ClinicalFact]:
    groups = (getattr(record, field.name) for field in fields(record))
    return [fact for group in groups for fact in (group if isinstance(group, tuple) else (group,))]


def _renamed(fact: ClinicalFact, code: str) -> ClinicalFact:
    renamed: dict[str, str] = {"patient_code": code}
    if hasattr(fact, "specimen_code"):
        renamed["specimen_code"] = f"{code}-{fact.specimen_code}"
    return replace(fact, **renamed)  # type: ignore[arg-type] # every fact has these fields as text


def _run(run_code: str, sha256: str, held_reason: str | None) -> Run:
    check = RunCheck(
        check_id="ntc_outcome", title="NTC", observed="Cq 33.1", limit="no Cq", outcome=CheckOutcome.FAILED
    )
    return Run(
        run_code=run_code,
        file_sha256=sha256,
        assay_id="transgene_qpcr",
        assay_version="1",
        acceptance=Acceptance.HELD if held_reason else Acceptance.ACCEPTED,
        checks=(check,) if held_reason else (),
    )
