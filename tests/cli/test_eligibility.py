import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from labmon.cli import main
from labmon.domain.actor import Actor
from labmon.domain.clinical import Attestation, AttestedState, Infusion, Patient, PatientRecord
from labmon.records.study import Study
from labmon.records.writer import NewFact
from tests.trial.candidates import TODAY, candidate

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A study of the other trial with one complete candidate and one of whom nothing is known."""
    path = tmp_path / "study.labmon"
    study = Study.create(
        path,
        study_code="TEST",
        title="A study",
        site="A site",
        protocol_id="nct06389305",
        actor=ACTOR,
        as_of=TODAY,
    )
    with study.writing(ACTOR) as record:
        for fact in facts_of(candidate()):
            record.put_fact(NewFact(fact=fact))
        record.put_fact(NewFact(fact=Patient(patient_code="P-009")))
        record.put_fact(NewFact(fact=Infusion(patient_code="P-009", infused_on=date(2025, 6, 5))))
    study.close()
    return path


def facts_of(record: PatientRecord) -> list[Any]:
    kept = [getattr(record, name) for name in type(record).__dataclass_fields__]
    return [fact for each in kept for fact in (each if isinstance(each, tuple) else (each,))]


def told(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert 0 == main(["eligibility", "--study", str(path), *more])
    return capsys.readouterr().out


def test_that_the_json_names_state_reason_and_what_is_missing(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(told(path, capsys, "--trial", "nct04534634", "--json"))

    complete, bare = said["patients"]
    by_id = {criterion["criterion_id"]: criterion for criterion in complete["criteria"]}
    assert ("NCT04534634", "2026-03-02") == (said["trial"]["id"], said["as_of"])
    assert [("ifn_car_t", True), ("car_t_only", False)] == [(arm["code"], arm["is_active"]) for arm in said["arms"]]
    assert "dose" in {defect["id"] for defect in said["defects"]}
    assert ("open", ["B5"]) == (complete["decision"], complete["open_criteria"])
    assert "needs_decision" == by_id["B5"]["state"]
    assert by_id["B5"]["wording"].startswith("5.Patients with aspartate")
    assert "HIV serology" in bare["missing"]
    assert {"unknown", "needs_decision"} == {criterion["state"] for criterion in bare["criteria"]}


def test_that_a_confirmation_from_the_command_line_settles_the_reading(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = told(path, capsys, "--trial", "nct04534634", "--patient", "P-004")
    after = told(path, capsys, "--trial", "nct04534634", "--patient", "P-004", "--confirm", "B5", "--by", "C. D.")

    study = Study.open(path)
    with study.reading() as record:
        (confirmed,) = record.protocol_confirmations("NCT04534634")
    study.close()
    assert "P-004  B5: reading not confirmed" in before
    assert "P-004  ready to sign" in after
    assert "C. D." == confirmed.confirmed_by


def test_that_without_a_trial_the_studys_own_is_asked(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(path, capsys)

    assert said.startswith("NCT06389305 1.0")
    assert "arm control_cells  active" in said
    assert "  A7   " in said


def test_that_an_unknown_trial_and_a_nameless_confirmation_are_refused_in_one_line(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == main(["eligibility", "--study", str(path), "--trial", "nct0453463"])
    assert 'did you mean "nct04534634"?' in capsys.readouterr().err
    assert 2 == main(["eligibility", "--study", str(path), "--by", "C. D."])
    assert 1 == capsys.readouterr().err.count("\n")


def test_that_a_decision_is_recorded_and_shown_with_what_changed_since(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--patient", "P-004", "--by", "C. D.")
    told(path, capsys, *asked, "--decide", "not_eligible", "--reason", "moved away")
    before = json.loads(told(path, capsys, "--json"))["patients"][0]["decided"]
    study = Study.open(path)
    with study.writing(ACTOR) as record:
        record.put_fact(NewFact(fact=Infusion(patient_code="P-004", infused_on=date(2020, 1, 1))))
    study.close()

    after = json.loads(told(path, capsys, "--json"))["patients"][0]["decided"]
    text = told(path, capsys, "--patient", "P-004")

    assert ("not_eligible", "moved away", "C. D.", []) == tuple(
        before[name] for name in ("meaning", "reason", "decided_by", "changes_since")
    )
    assert "P-004" == before["snapshot"]["patient_code"]
    (change,) = after["changes_since"]
    assert change.startswith("Infusion 2020-01-01")
    assert "not eligible, decided by C. D. on" in text
    assert change in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("--decide", "eligible", "--reason", "all met"),
        ("--decide", "eligible", "--patient", "P-009", "--reason", "all met"),
        ("--decide", "not_eligible", "--patient", "P-009"),
        ("--decide", "not_eligible", "--patient", "P-009", "--reason", "no", "--as-of", "2026-01-01"),
    ],
    ids=["no patient", "not ready", "no reason", "another day"],
)
def test_that_a_decision_that_cannot_be_taken_is_refused_in_one_line(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert 2 == main(["eligibility", "--study", str(path), *arguments])
    said = capsys.readouterr().err
    assert said.startswith("R808")
    assert 1 == len(said.splitlines())


def test_that_the_record_of_an_earlier_moment_is_asked_on_request(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = json.loads(told(path, capsys, "--patient", "P-009", "--json"))["patients"][0]
    moment = datetime.now(UTC).isoformat()
    study = Study.open(path)
    with study.writing(ACTOR) as record:
        given = Attestation(
            patient_code="P-009",
            criterion_id="A4",
            attested_on=date(2026, 2, 1),
            attested_state=AttestedState.MET,
            attested_by="B",
        )
        record.put_fact(NewFact(fact=given))
    study.close()

    now = json.loads(told(path, capsys, "--patient", "P-009", "--json"))["patients"][0]
    then = json.loads(told(path, capsys, "--patient", "P-009", "--json", "--known-on", moment))["patients"][0]

    def state(patient: dict[str, Any]) -> str:
        return next(each["state"] for each in patient["criteria"] if each["criterion_id"] == "A4")

    assert ["needs_decision", "met", "needs_decision"] == [state(each) for each in (before, now, then)]
