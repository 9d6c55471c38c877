import argparse
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from labmon.cli import assess
from labmon.domain.actor import Actor
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import (
    BaselineState,
    BCellBaseline,
    Costimulation,
    Infusion,
    Patient,
    Specimen,
    SpecimenType,
)
from labmon.domain.errors import UserError
from labmon.domain.quantity import Quantity, Unit
from labmon.domain.reading import FileReading
from labmon.domain.result import ResultDraft
from labmon.domain.run import Acceptance, Run
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")
DAY_0 = date(2025, 1, 10)


def a_run(study: Study, day: int, copies: float) -> None:
    """One sample of a day, imported from a file of its own."""
    content = f"day {day}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    specimen = Specimen(
        specimen_code=f"P-001-D{day:03}",
        patient_code="P-001",
        specimen_type=SpecimenType.PERIPHERAL_BLOOD,
        collected_on=DAY_0 + timedelta(days=day),
    )
    draft = ResultDraft(
        specimen_code=specimen.specimen_code,
        analyte=Analyte.TRANSGENE_COPIES_PER_UG_DNA,
        quantity=Quantity.from_measurement(copies, Unit.COPIES_PER_UG_DNA, lod=10, lloq=20),
        run_code=f"RUN-{day}",
    )
    reading = FileReading(
        file_name=f"run_{day}.txt",
        sha256=sha256,
        size_bytes=len(content),
        format_id="quantstudio_text",
        format_title="QuantStudio text",
        reader_version=1,
    )
    run = Run(
        run_code=draft.run_code,
        file_sha256=sha256,
        assay_id="transgene_qpcr",
        assay_version="1",
        acceptance=Acceptance.ACCEPTED,
        checks=(),
        curve=None,
    )
    with study.writing(ACTOR) as record:
        record.put_fact(NewFact(fact=specimen))
        record.import_file(reading, content, runs=(run,), results=(NewResult(draft=draft, patient_code="P-001"),))


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """P-001 with a quantified transgene on day 30, looked at on day 60."""
    study = Study.create(
        tmp_path / "study.labmon",
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=DAY_0 + timedelta(days=60),
    )
    facts = (
        Patient(patient_code="P-001"),
        Infusion(patient_code="P-001", infused_on=DAY_0, car_target="CD19", car_costimulation=Costimulation.FOUR_1BB),
        BCellBaseline(patient_code="P-001", measured_on=DAY_0, baseline_state=BaselineState.PRESENT),
    )
    with study.writing(ACTOR) as record:
        for fact in facts:
            record.put_fact(NewFact(fact=fact))
    a_run(study, 30, 40_000)
    yield study
    study.close()


def printed(study: Study, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    parser = argparse.ArgumentParser()
    assess.add_arguments(parser)
    assert 0 == assess.run(parser.parse_args(["--study", str(study.path), *options]))
    return capsys.readouterr().out


def r1_of(output: str) -> str:
    (patient,) = json.loads(output)["patients"]
    return next(each["flag_state"] for each in patient["findings"] if each["rule_id"] == "R1")


def test_that_what_came_into_the_record_later_is_not_known_earlier(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    before = datetime.now(UTC)
    a_run(study, 50, 5)
    moment = before.isoformat()

    assert r1_of(printed(study, capsys, "--json")) == "unconfirmed"
    assert r1_of(printed(study, capsys, "--json", "--known-on", moment)) == "not_met"
    assert r1_of(printed(study, capsys, "--json", "--patient", "P-001", "--known-on", moment)) == "not_met"
    assert json.loads(printed(study, capsys, "--json", "--known-on", moment))["known_on"] == moment


def test_that_a_moment_in_another_zone_is_the_same_moment(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    before = datetime.now(UTC)
    a_run(study, 50, 5)
    far_east = (before + timedelta(hours=14)).replace(tzinfo=None).isoformat() + "+14:00"

    assert r1_of(printed(study, capsys, "--json", "--known-on", far_east)) == "not_met"


def test_that_a_day_means_all_that_was_known_by_its_end(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    a_run(study, 50, 5)
    today = datetime.now(UTC).astimezone().date()

    assert r1_of(printed(study, capsys, "--json", "--known-on", today.isoformat())) == "unconfirmed"
    yesterday = json.loads(printed(study, capsys, "--json", "--known-on", (today - timedelta(days=1)).isoformat()))
    assert yesterday["patients"] == []


def test_that_the_collection_date_and_the_record_time_are_two_cuts(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    a_run(study, 50, 5)

    as_of = (DAY_0 + timedelta(days=30)).isoformat()

    assert r1_of(printed(study, capsys, "--json", "--as-of", as_of)) == "not_met"


def test_that_the_presets_stand_side_by_side(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    a_run(study, 50, 15)

    (patient,) = json.loads(printed(study, capsys, "--json", "--presets"))["patients"]

    states = {preset_id: finding["flag_state"] for preset_id, finding in patient["presets"].items()}
    assert len(states) == 8
    assert states["transgene_loss"] == "unconfirmed"
    assert states["transgene_loss_awasthi"] == "met"
    assert all(finding["would_change"] for finding in patient["presets"].values())


def test_that_chosen_presets_are_printed_for_a_person_with_what_would_change_them(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    output = printed(study, capsys, "--preset", "flow_loss", "--preset", "transgene_loss")
    without = printed(study, capsys)

    assert "presets, side by side:" in output
    assert "flow_loss" in output
    assert "unconfirmed if: next sample" in output
    assert "cincinnati" not in output
    assert "presets" not in without


def test_that_an_unknown_preset_is_refused(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match="P701"):
        printed(study, capsys, "--preset", "philadelphia")
