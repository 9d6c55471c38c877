import shutil
from pathlib import Path

import pytest

from labmon.cli import main
from labmon.resources import read_text
from labmon.workflow.assess import Assess
from tests.criteria.patients import on
from tests.workflow.courses import candidate, make_study

SHIPPED = read_text("protocols", "nct06389305.toml")
OLDEST = Path(__file__).parents[1] / "data" / "records" / "schema_0001.labmon"


def site_file(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    text = SHIPPED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_that_a_valid_file_is_summed_up_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["protocol", "check", "nct06389305"])

    output = capsys.readouterr().out
    assert "window: 6 calendar months from day 0 (labmon's own choice)" in output
    assert "cutoff <\u00a050\u00a0copies/µg" in output
    assert "any of R1, R1f, R2, R3; R1, R2 must have an answer" in output


def test_that_an_invalid_file_is_refused_with_file_line_and_suggestion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site_file(tmp_path, "site.toml", ("samples = 2", "sampels = 2"))
    line = 1 + SHIPPED[: SHIPPED.index("samples = 2")].count("\n")

    assert 2 == main(["protocol", "check", str(path)])

    error = capsys.readouterr().err
    assert error.startswith(f"P701 line {line}: site.toml: ")
    assert 'did you mean "samples"?' in error


def test_that_two_versions_differ_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = SHIPPED[
        SHIPPED.index('[[rules]]\nkind = "poor_expansion"') : SHIPPED.index('[[rules]]\nkind = "discordance"')
    ]
    path = site_file(
        tmp_path,
        "site.toml",
        ('version = "1.0"', 'version = "1.1"'),
        ("length = 6\n", "length = 5\n"),
        ('comparison = ">=", value = 3, unit = "%"', 'comparison = ">", value = 3, unit = "%"'),
        ("samples = 2", "samples = 3"),
        (flow, ""),
    )

    assert 0 == main(["protocol", "diff", "nct06389305", str(path)])

    assert capsys.readouterr().out.splitlines() == [
        'version: "1.0" became "1.1"',
        "window, length: 6 became 5",
        "confirmation, samples: 2 became 3",
        "rule R5 (Poor expansion (information)) removed",
        "rule R2, pct_of_lymphocytes: ≥\u00a03\u00a0% became >\u00a03\u00a0%",
    ]


def test_that_the_same_file_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["protocol", "diff", "nct06389305", "nct06389305"])
    assert "Both say the same.\n" == capsys.readouterr().out


def test_that_a_study_moves_to_a_new_version_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = tmp_path / "study.labmon"
    shutil.copy(OLDEST, study)
    path = site_file(tmp_path, "site.toml", ('version = "1.0"', 'version = "1.1"'), ("length = 6\n", "length = 5\n"))
    command = ["protocol", "adopt", str(path), "--study", str(study), "--reason", "amendment 2"]

    assert 0 == main([*command, "--dry-run"])
    assert "Nothing was written." in capsys.readouterr().out
    assert 0 == main(command)
    assert "Adopted: amendment 2" in capsys.readouterr().out
    assert 0 == main(command)
    assert "in use already" in capsys.readouterr().out


def test_that_a_number_is_tried_on_everybody_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "study.labmon"
    study = make_study(path, {"P-001": candidate()}, as_of=on(121))
    Assess(study).all_patients()  # the first use of a protocol is recorded
    study.close()
    before = path.read_bytes()

    assert 0 == main(["protocol", "try", "window.length=2", "--study", str(path)])
    said = capsys.readouterr().out
    assert 0 == main(["protocol", "try", "window.length=6", "--study", str(path)])

    assert "window: length, 6 calendar months, tried as 2" in said
    assert "1 of 1 patients change state:" in said
    assert "P-001 R6: met became not evaluable: Transgene loss lies in (60, 88]" in said
    assert "0 of 1 patients change state." in capsys.readouterr().out
    assert before == path.read_bytes()


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ("R1.cutoff", "P710 R1.cutoff cannot be nothing: a number after = is asked."),
        ("R1.cutoff=fifty", "P710 R1.cutoff cannot be fifty"),
        ("R1.cutoff=nan", "P710 R1 Transgene loss: cutoff cannot be nan: a number from 0 to 1e+15 is asked."),
        ("window.length=241", "P710 window: length cannot be 241: a whole number from 1 to 240 is asked."),
        ("confirmation.min_days_apart=1e9", "P710 confirmation: min days apart cannot be 1e+09"),
        ("R9.cutoff=3", 'P701 there is no number at "R9.cutoff"'),
    ],
)
def test_that_a_number_nobody_can_try_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], moved: str, said: str
) -> None:
    path = tmp_path / "study.labmon"
    make_study(path, {"P-001": candidate()}, as_of=on(121)).close()

    assert 2 == main(["protocol", "try", moved, "--study", str(path)])

    error = capsys.readouterr().err
    assert error.startswith(said)
    assert 1 == len(error.splitlines())
