from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from labmon.domain.actor import Actor
from labmon.domain.clinical import Infusion, Patient, Specimen, SpecimenType
from labmon.records.study import Study
from labmon.records.writer import NewFact

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """A record with one patient, infused on 2026-01-10, and a specimen of day 14."""
    study = Study.create(
        tmp_path / "study.labmon",
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
    )
    facts = (
        Patient(patient_code="P-001"),
        Infusion(patient_code="P-001", infused_on=date(2026, 1, 10)),
        Specimen(
            specimen_code="P-001-D014",
            patient_code="P-001",
            specimen_type=SpecimenType.PERIPHERAL_BLOOD,
            collected_on=date(2026, 1, 24),
        ),
    )
    with study.writing(ACTOR) as record:
        for fact in facts:
            record.put_fact(NewFact(fact=fact))
    yield study
    study.close()
