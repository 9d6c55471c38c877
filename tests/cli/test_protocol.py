import shutil
from pathlib import Path

import pytest

from labmon.cli import main
from labmon.resources import read_text

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
