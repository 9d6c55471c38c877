import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from labmon.domain.actor import Actor
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import ClinicalFact, Infusion, Patient, Specimen, SpecimenType
from labmon.domain.reading import FileReading
from labmon.domain.result import Result
from labmon.instruments.child import IsolatedReader
from labmon.records.study import Study
from labmon.records.writer import NewFact
from labmon.workflow.import_files import ImportFiles, ImportReport
from labmon.workflow.import_plan import Decision, ImportPlan, PlanState

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")
AS_OF = date(2026, 6, 1)


def specimen(code: str, day: int, *, volumes: bool = False) -> Specimen:
    return Specimen(
        specimen_code=code,
        patient_code=code[:5],
        specimen_type=SpecimenType.PERIPHERAL_BLOOD,
        collected_on=date.fromordinal(date(2026, 1, 10).toordinal() + day),
        blood_volume_ul=200.0 if volumes else None,
        elution_volume_ul=50.0 if volumes else None,
    )


FACTS: tuple[ClinicalFact, ...] = (
    Patient(patient_code="P-001"),
    Infusion(patient_code="P-001", infused_on=date(2026, 1, 10)),
    specimen("P-001-D014", 14, volumes=True),
    specimen("P-001-D028", 28),
    Patient(patient_code="P-002"),
    Infusion(patient_code="P-002", infused_on=date(2026, 1, 12)),
    specimen("P-002-D014", 14),
)


@dataclass
class Laboratory:
    """A study on record, a guarded reader, and a folder in which exports arrive."""

    folder: Path
    study: Study
    importing: ImportFiles
    readings: dict[tuple[str, bytes], FileReading]
    """What the guarded child read in this session; the same bytes are not read twice."""

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def read(self, name: str, content: bytes) -> FileReading:
        path = self.put(name, content)
        if (name, content) not in self.readings:
            self.readings[name, content] = self.importing.read(path)
        return self.readings[name, content]

    def plan(
        self, name: str, content: bytes, decision: Decision | None = None, *, decisions: Mapping[str, Decision] = {}
    ) -> ImportPlan:
        """The plan of a file; one `decision` is given to every conflict, `decisions` to those they name."""
        reading = self.read(name, content)
        plan = self.importing.plan(reading, decisions)
        if decision is None:
            return plan
        conflicts = (entry.key for entry in plan.entries if entry.state is PlanState.CONFLICTING)
        return self.importing.plan(reading, dict.fromkeys(conflicts, decision))

    def bring(self, name: str, content: bytes, decision: Decision | None = None) -> ImportReport:
        plan = self.plan(name, content, decision)
        return self.importing.commit(self.folder / name, plan)

    def current(self, specimen_code: str, analyte: Analyte) -> tuple[Result, ...]:
        with self.study.reading() as record:
            results = record.results(specimen_codes=(specimen_code,))
        return tuple(result for result in results if result.analyte is analyte)

    def one(self, specimen_code: str, analyte: Analyte) -> Result:
        (result,) = self.current(specimen_code, analyte)
        return result

    def content(self) -> bytes:
        """The record's file, byte for byte, with whatever lies beside it."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("study.labmon*")))


@pytest.fixture(scope="session")
def prepared_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record with two infused patients and three specimens; tests work on copies."""
    path = tmp_path_factory.mktemp("prepared") / "study.labmon"
    study = Study.create(
        path,
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=AS_OF,
    )
    with study.writing(ACTOR) as record:
        for fact in FACTS:
            record.put_fact(NewFact(fact=fact))
    study.close()
    return path


@pytest.fixture(scope="session")
def readings() -> dict[tuple[str, bytes], FileReading]:
    return {}


@pytest.fixture
def lab(prepared_study: Path, tmp_path: Path, readings: dict[tuple[str, bytes], FileReading]) -> Iterator[Laboratory]:
    path = tmp_path / "study.labmon"
    shutil.copy(prepared_study, path)
    study = Study.open(path)
    with IsolatedReader(spares=0) as reader:
        yield Laboratory(tmp_path, study, ImportFiles(study, ACTOR, reader), readings)
    study.close()
