import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labmon.cli import main

DATA = Path(__file__).parents[1] / "data"
CURVE = DATA / "quantstudio_text" / "standard_curve.txt"
KEYS = {"locator", "well", "sample", "target", "task", "kind", "value", "unit", "qualifier", "omitted"}


def test_that_the_answer_for_programs_has_the_agreed_shape(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["read", str(CURVE), "--json"])

    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert "" == err
    assert "quantstudio_text" == answer["format"]
    assert "QuantStudio(TM) 7 Flex System" == answer["instrument"]
    assert "2026-03-04" == answer["run_started_at"]
    assert all(set(reading) >= KEYS for reading in answer["readings"])
    assert all(warning["code"] and warning["message"] for warning in answer["warnings"])
    assert "[Amplification Data]" in answer["unread"]


def test_that_the_page_for_people_shows_readings_issues_and_what_nobody_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert 0 == main(["read", str(CURVE)])

    page = capsys.readouterr().out
    assert "60 readings" in page
    assert "line 55, column 9" in page
    assert "Q102 (warns) line 58, column 10: 1 of 3 wells have a Cq." in page
    assert "Not read\n  [Sample Setup]" in page


def test_that_nothing_the_file_says_about_people_or_folders_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for name in (
        "quantstudio_text/standard_curve.txt",
        "design_analysis/standard_curve.xlsx",
        "nanodrop/eight_utf16.txt",
    ):
        main(["read", str(DATA / name)])
        main(["read", str(DATA / name), "--json"])

    assert "somebody" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "code"),
    [("", "I002"), ("Dear colleague\n", "I001"), (',CD3+ | Count\nS1.fcs,"2,520"\n', "I003 line 2, column 2")],
)
def test_that_a_refusal_is_exit_status_2_and_one_line(
    content: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(content)

    for more in ([], ["--json"]):
        assert 2 == main(["read", str(path), *more])

        out, err = capsys.readouterr()
        assert "" == out
        assert 1 == len(err.splitlines())
        assert err.startswith(code)


def test_that_the_answers_on_the_command_line_settle_the_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts, dates = tmp_path / "counts.csv", tmp_path / "dates.csv"
    counts.write_text(',CD3+ | Count\nS1.fcs,"2,520"\n')
    dates.write_text(
        "Assay Name,Sample Name,Test Date,Qubit tube conc.,Units,Original sample conc.,Units,Dilution Factor\n"
        "1x dsDNA HS,S1,03/04/2026 10:00,30,ng/mL,6,ng/uL,200\n"
    )

    assert 0 == main(["read", str(counts), "--json", "--decimal-mark", "."])
    assert 2520 == json.loads(capsys.readouterr().out)["readings"][0]["value"]
    assert 2 == main(["read", str(dates)])
    assert capsys.readouterr().err.startswith("I003 line 2")
    for order, instant in (("dmy", "2026-04-03T10:00:00"), ("mdy", "2026-03-04T10:00:00")):
        assert 0 == main(["read", str(dates), "--json", "--date-order", order])
        assert instant == json.loads(capsys.readouterr().out)["run_started_at"]


def test_that_clinical_facts_stand_beside_the_readings(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["read", str(DATA / "clinical_template" / "clinical_mixed.xlsx"), "--json"])

    facts = json.loads(capsys.readouterr().out)["facts"]
    assert facts
    assert {"fact", "locator", "cells"} == set(facts[0])


def test_that_the_command_prints_utf_8_and_imports_no_qt(tmp_path: Path) -> None:
    path = tmp_path / "µ.csv"
    path.write_text(",CD3⁺ | Count\nS1.fcs,25\n")
    program = (
        "import sys\nfrom labmon.cli import main\nstatus = main(sys.argv[1:])\n"
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'sqlalchemy', 'numpy', 'openpyxl'))]\n"
        "sys.exit(status)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "read", path],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )

    assert b"" == done.stderr
    assert 0 == done.returncode
    assert "CD3⁺" in done.stdout.decode("utf-8")
