import json
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl

from .conftest import DemoRun, Labmon

PNG = b"\x89PNG\r\n\x1a\n"


def flagged(run: DemoRun) -> set[str]:
    findings = json.loads((run.out / "findings.json").read_text(encoding="utf-8"))
    return {patient["patient_code"] for patient in findings["patients"] if patient["flagged"]}


def test_that_the_headless_demo_leaves_a_picture_of_each_flagged_patient_and_of_nobody_else(demo_run: DemoRun) -> None:
    assert 0 == demo_run.ended.status, demo_run.ended.err

    pictures = {path.stem: path.read_bytes() for path in demo_run.out.glob("*.png")}

    assert flagged(demo_run) == set(pictures)
    assert 3 <= len(pictures) <= 5
    assert all(content.startswith(PNG) and len(content) > 20_000 for content in pictures.values())


def test_that_the_flags_are_printed_as_a_table(demo_run: DemoRun) -> None:
    lines = demo_run.ended.out.splitlines()

    assert "of 24 patients flagged for review" in lines[0]
    assert flagged(demo_run) == {line.split()[0] for line in lines if line.startswith("DEMO-")}
    assert all("day " in line for line in lines if line.startswith("DEMO-"))
    assert str(demo_run.out) in lines[-1]


def test_that_findings_and_report_are_there_and_whole(demo_run: DemoRun) -> None:
    findings = json.loads((demo_run.out / "findings.json").read_text(encoding="utf-8"))
    report = openpyxl.load_workbook(demo_run.out / "report.xlsx")

    assert 24 == len(findings["patients"])
    assert all(patient["findings"] for patient in findings["patients"])
    assert len(report.sheetnames) > 1


def test_that_an_earlier_demo_is_replaced_and_other_files_are_left_alone(demo_run: DemoRun) -> None:
    folder = demo_run.study.parent

    assert not (folder / "files" / "earlier.txt").exists()
    assert not (folder / "demo.labmon-journal").exists()
    assert b"kept" == (demo_run.out / "notes of mine.txt").read_bytes()
    with closing(sqlite3.connect(demo_run.study)) as connection:
        (files,) = connection.execute("SELECT count(*) FROM source_file").fetchone()
    assert len(list((folder / "files").iterdir())) == files <= 80


def test_that_nothing_outside_of_its_folders_is_touched(demo_run: DemoRun) -> None:
    root = demo_run.root
    written = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    allowed = (Path("out"), demo_run.study.parent.relative_to(root))

    assert [] == [str(path) for path in written if not any(path.is_relative_to(folder) for folder in allowed)]
    assert [] == list((root / "cwd").iterdir())


def test_that_a_folder_that_cannot_be_made_is_refused(labmon: Labmon, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"a file")

    ended = labmon("demo", "--headless", "--out", tmp_path / "out", "--folder", tmp_path / "taken")

    assert (2, "") == (ended.status, ended.out)
    assert ended.err.startswith("R804 ")
    assert 1 == len(ended.err.splitlines())
