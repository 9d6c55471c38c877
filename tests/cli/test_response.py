import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from labmon.cli import main
from labmon.domain.actor import Actor
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import (
    ClinicalEvent,
    ClinicalFact,
    CsfAssessment,
    DiseaseAssessment,
    EmdState,
    EventKind,
    Infusion,
    LabAnalyte,
    LabUnit,
    LabValue,
    Patient,
    SignState,
    Specimen,
    SpecimenType,
)
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import FileReading
from labmon.domain.result import ResultDraft
from labmon.domain.run import Acceptance, Run
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")
DAY_0 = date(2026, 1, 10)
CODE = "P-001"


def on(day: int) -> date:
    return DAY_0 + timedelta(days=day)


def lab(analyte: LabAnalyte, value: float, unit: LabUnit, day: int = 28) -> LabValue:
    return LabValue(patient_code=CODE, lab_analyte=analyte, measured_on=on(day), value=value, lab_unit=unit)


def marrow(day: int, blasts: float, emd: EmdState = EmdState.ABSENT) -> DiseaseAssessment:
    return DiseaseAssessment(patient_code=CODE, assessed_on=on(day), marrow_blasts_pct=blasts, emd_state=emd)


FACTS: tuple[ClinicalFact, ...] = (
    Patient(patient_code=CODE),
    Infusion(patient_code=CODE, infused_on=DAY_0),
    marrow(-5, 62),
    marrow(28, 2),
    lab(LabAnalyte.ANC, 1000, LabUnit.CELLS_PER_UL),
    lab(LabAnalyte.PLATELETS, 180, LabUnit.CELLS_10E9_PER_L),
    lab(LabAnalyte.BLOOD_BLASTS, 0, LabUnit.PERCENT),
    CsfAssessment(patient_code=CODE, assessed_on=on(28), csf_blasts=SignState.ABSENT, cns_signs=SignState.ABSENT),
)


def said(tmp_path: Path, capsys: pytest.CaptureFixture[str], facts: Sequence[ClinicalFact], *more: str) -> Any:
    path = tmp_path / "study.labmon"
    study = Study.create(
        path, study_code="T", title="A", site="B", protocol_id="nct06389305", actor=ACTOR, as_of=on(30)
    )
    with study.writing(ACTOR) as record:
        for fact in facts:
            record.put_fact(NewFact(fact=fact))
        an_mrd(record)
    study.close()
    assert 0 == main(["response", "--study", str(path), *more])
    return capsys.readouterr().out


def an_mrd(record: Any) -> None:
    """Nothing found among 200,000 cells of the marrow of day 28."""
    specimen = Specimen(
        specimen_code="M28", patient_code=CODE, specimen_type=SpecimenType.BONE_MARROW, collected_on=on(28)
    )
    record.put_fact(NewFact(fact=specimen))
    sha256 = hashlib.sha256(b"mrd").hexdigest()
    reading = FileReading(
        file_name="mrd.xlsx",
        sha256=sha256,
        size_bytes=3,
        format_id="mrd_template",
        format_title="MRD",
        reader_version=1,
    )
    draft = ResultDraft(
        specimen_code="M28",
        analyte=Analyte.MRD_FRACTION,
        quantity=Quantity.without_value(ValueState.NOT_DETECTED, Unit.FRACTION),
        run_code="MRD-1",
        method=MrdMethod.FLOW,
        sensitivity_fraction=2.5e-4,
        basis={"mrd_total_cells": 200_000.0, "mrd_events": 0.0},
    )
    run = Run(
        run_code="MRD-1",
        file_sha256=sha256,
        assay_id="mrd_flow",
        assay_version="1",
        acceptance=Acceptance.ACCEPTED,
        checks=(),
    )
    record.import_file(reading, b"mrd", runs=(run,), results=(NewResult(draft=draft, patient_code=CODE),))


def test_that_the_record_of_a_patient_is_judged_by_every_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (patient,) = json.loads(said(tmp_path, capsys, FACTS, "--json"))["patients"]

    by_set = {each["response_rule_set"]: each for each in patient["sets"]}
    assert {
        "ewall_eln_2024": "CRi",
        "nct04534634_registry": "CRi",
        "cibmtr": "CR",
        "nci_2010": "CR",
        "nct06389305": "CRh",
    } == {name: each["response_category"] for name, each in by_set.items()}
    assert by_set["ewall_eln_2024"]["cautions"][0].startswith("boundary_value: ANC is exactly 1")
    assert 2 == next(used["age_days"] for used in by_set["cibmtr"]["used"] if used["what"] == "ANC")
    assert "2026-02-07" == by_set["cibmtr"]["remission_on"]
    assert ("not_detected", 500_000) == (patient["mrd"]["claim"], patient["mrd"]["cells_needed"])
    assert "CNS1" == patient["cns"]["status"]


def test_that_a_count_in_a_foreign_unit_is_missing_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [each for each in FACTS if not (isinstance(each, LabValue) and each.lab_analyte is LabAnalyte.ANC)]

    page = said(tmp_path, capsys, [*wrong, lab(LabAnalyte.ANC, 2.1, LabUnit.MG_PER_DL)])

    assert "missing for CR: ANC of the last 14\u00a0d" in page
    assert "MLFS" in page


def test_that_nothing_dated_after_a_death_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    died = ClinicalEvent(patient_code=CODE, event_kind=EventKind.DEATH, occurred_on=on(27))

    (patient,) = json.loads(said(tmp_path, capsys, (*FACTS, died), "--json"))["patients"]

    assert {"not_evaluable"} == {each["response_category"] for each in patient["sets"]}
    assert (None, None) == (patient["mrd"], patient["cns"])


def test_that_a_patient_without_an_infusion_has_no_response(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"{CODE}  no CAR-T infusion on record" in said(tmp_path, capsys, (Patient(patient_code=CODE),))
