from pathlib import Path

import pytest

from labmon.cli import main
from labmon.resources import resource_path


def test_that_the_shipped_workbooks_are_handed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["templates", "--out", str(tmp_path / "new" / "folder")])

    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert 0 == status
    assert ["clinical.xlsx", "mrd.xlsx"] == sorted(path.name for path in written)
    for path in written:
        assert resource_path("templates", path.name).read_bytes() == path.read_bytes()


def test_that_a_folder_that_cannot_be_written_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    status = main(["templates", "--out", str(tmp_path / "file" / "folder")])

    assert 2 == status
    assert 1 == len(capsys.readouterr().err.splitlines())
