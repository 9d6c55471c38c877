import json
import os
import sys
from pathlib import Path

import pytest

from tests.instruments import hostile

from .conftest import ENTRY, Labmon

DATA = Path(__file__).parents[1] / "data"
TEXT = (DATA / "quantstudio_text" / "standard_curve.txt").read_bytes()
WORKBOOK = (DATA / "quantstudio_workbook" / "standard_curve.xlsx").read_bytes()
COUNTS = b',CD3+ | Count\r\nS1.fcs,"2,520"\r\n'

REFUSED = {
    "empty.txt": (b"", "I002"),
    "letter.txt": (b"Dear colleague,\nplease find the results attached.\n", "I001"),
    "cut.txt": (TEXT[: TEXT.rindex(b"Undetermined") + 4], "I002"),
    "cut.xlsx": (WORKBOOK[: len(WORKBOOK) // 2], "I002"),
    "nuls.txt": (TEXT[:3000] + bytes(64) + TEXT[3000:], "I002"),
    "only nuls.csv": (bytes(4096), "I00"),
    "bomb of rows.xlsx": (hostile.bomb_of_rows(), "I018"),
    "laughs.xlsx": (hostile.billion_laughs(), "I018"),
    "two far cells.xlsx": (hostile.two_far_cells(), "I013"),
    "password.xlsx": (hostile.password_protected(), "I010"),
    "undecidable.csv": (COUNTS, "I003"),
}
READ = {
    "utf-16.txt": TEXT.decode().encode("utf-16"),
    "bare cr.txt": TEXT.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    "renamed.xlsx": TEXT,
    "no extension": TEXT,
}


def assert_refused(ended, code: str) -> None:
    assert 2 == ended.status
    assert "" == ended.out
    assert 1 == len(ended.err.splitlines()), ended.err
    assert ended.err.startswith(code)
    assert len(ended.err) < 500


@pytest.mark.parametrize("name", REFUSED)
def test_that_a_file_that_cannot_be_read_is_one_line_and_status_2(labmon: Labmon, tmp_path: Path, name: str) -> None:
    content, code = REFUSED[name]
    (tmp_path / name).write_bytes(content)

    assert_refused(labmon("read", tmp_path / name), code)
    assert content == (tmp_path / name).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes in folders and sparse files are Unix's")
@pytest.mark.parametrize("what", ["missing", "a folder", "a pipe", "200 MB"])
def test_that_what_is_no_readable_file_is_one_line_and_status_2(labmon: Labmon, tmp_path: Path, what: str) -> None:
    path = tmp_path / "thing.txt"
    if what == "a folder":
        path.mkdir()
    elif what == "a pipe":
        os.mkfifo(path)
    elif what == "200 MB":
        with path.open("wb") as stream:
            stream.truncate(200 << 20)

    assert_refused(labmon("read", path), "I012" if what == "200 MB" else "I011")


@pytest.mark.parametrize("name", READ)
def test_that_the_same_table_in_other_clothes_reads_the_same(labmon: Labmon, tmp_path: Path, name: str) -> None:
    (tmp_path / "plain.txt").write_bytes(TEXT)
    (tmp_path / name).write_bytes(READ[name])

    plain = labmon("read", "--json", tmp_path / "plain.txt")
    other = labmon("read", "--json", tmp_path / name)

    assert (0, "") == (other.status, other.err)
    readings = [json.loads(each.out)["readings"] for each in (plain, other)]
    assert len(readings[0]) > 20
    assert readings[0] == readings[1]


@pytest.mark.parametrize(("mark", "expected"), [(".", (2520.0, [])), (",", (None, ["I016"]))])
def test_that_an_undecidable_count_is_read_once_its_mark_is_given_and_a_part_of_a_cell_is_none(
    labmon: Labmon, tmp_path: Path, mark: str, expected: tuple[float | None, list[str]]
) -> None:
    (tmp_path / "counts.csv").write_bytes(COUNTS)

    ended = labmon("read", "--json", "--decimal-mark", mark, tmp_path / "counts.csv")

    assert 0 == ended.status
    answer = json.loads(ended.out)
    (reading,) = answer["readings"]
    assert expected == (reading["value"], [warning["code"] for warning in answer["warnings"]])


def test_that_a_person_gets_a_table_with_places_issues_and_what_nobody_read(labmon: Labmon) -> None:
    ended = labmon("read", DATA / "quantstudio_text" / "standard_curve.txt", by=ENTRY)

    assert (0, "") == (ended.status, ended.err)
    assert "line 51" in ended.out
    assert "Not read" in ended.out
    assert "[Amplification Data]" in ended.out


@pytest.mark.parametrize("by", ["labmon.cli", "labmon_ui.main"])
@pytest.mark.parametrize("command", ["read", "assess"])
def test_that_reading_and_assessing_never_import_qt(labmon: Labmon, tmp_path: Path, command: str, by: str) -> None:
    target = str(DATA / "qubit" / "qubit4.csv")
    arguments = ["read", target] if command == "read" else ["assess", "--study", str(tmp_path / "none.labmon")]
    program = (
        f"import sys\nfrom {by} import main\nstatus = main({arguments!r})\n"
        "found = sorted({name.partition('.')[0] for name in sys.modules} & {'PySide6', 'shiboken6', 'pyqtgraph'})\n"
        "sys.stderr.write(f'{status} {found}')"
    )

    ended = labmon(by=(sys.executable, "-c", program))

    assert ended.err.endswith("0 []" if command == "read" else "2 []")
