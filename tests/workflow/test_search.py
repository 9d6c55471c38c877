from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from labmon.domain.actor import Actor
from labmon.domain.clinical import Patient, Specimen, SpecimenType
from labmon.records.study import Study
from labmon.records.writer import NewFact
from labmon.workflow.search import FoundKind, Search

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


@pytest.fixture
def search(tmp_path: Path) -> Iterator[Search]:
    study = Study.create(
        tmp_path / "study.labmon",
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
    )
    with study.writing(ACTOR) as record:
        for code in ("DEMO-001", "DEMO-012", "X-DEMO-1"):
            record.put_fact(NewFact(fact=Patient(patient_code=code)))
        record.put_fact(
            NewFact(
                fact=Specimen(
                    specimen_code="DEMO-012-D14",
                    patient_code="DEMO-012",
                    specimen_type=SpecimenType.PERIPHERAL_BLOOD,
                    collected_on=date(2026, 1, 24),
                )
            )
        )
    yield Search(study)
    study.close()


def test_that_names_beginning_with_the_query_come_first_and_patients_before_specimens(search: Search) -> None:
    names = [found.name for found in search.find("demo")]

    assert names == ["DEMO-001", "DEMO-012", "DEMO-012-D14", "X-DEMO-1"]


def test_that_case_spaces_and_hyphens_make_no_difference(search: Search) -> None:
    assert [found.name for found in search.find("demo 012")] == ["DEMO-012", "DEMO-012-D14"]


def test_that_a_specimen_leads_to_its_patient(search: Search) -> None:
    (found,) = search.find("D14")

    assert (found.kind, found.patient_code, found.detail) == (FoundKind.SPECIMEN, "DEMO-012", "blood, 2026-01-24")


def test_that_nothing_asked_finds_nothing(search: Search) -> None:
    assert search.find("") == search.find(" - ") == ()


def test_that_no_more_than_the_limit_is_returned(search: Search) -> None:
    assert len(search.find("demo", limit=2)) == 2
