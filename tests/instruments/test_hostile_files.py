"""Every wrong file is a refusal with its code, in bounded time; nothing else ever happens."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

from . import hostile

DATA = Path(__file__).parents[1] / "data"
TEXTS = sorted(
    path
    for folder in ("quantstudio_text", "lightcycler", "rotorgene", "flowjo_table", "qubit", "nanodrop")
    for path in (DATA / folder).iterdir()
    if path.suffix in (".txt", ".csv")
)
WORKBOOKS = sorted(
    path
    for folder in ("quantstudio_workbook", "design_analysis", "flowjo_table", "qubit", "nanodrop")
    for path in (DATA / folder).iterdir()
    if path.suffix in (".xls", ".xlsx")
)
TEXT_MUTANTS, WORKBOOK_MUTANTS = 280, 70
ODD = [b"0", b"-1", b"99999999999999999999", b"", b"NaN", b"1e999", b"\xff\xfe", b"\x00", b'"', b"\t" * 3, b"\r", b";",
       b"A" * 3000, "\u0661\u0662".encode(), b"1,234,567", b"03/04/05", b"[Results]", b"| Count"]  # fmt: skip


@pytest.fixture
def reader() -> Iterator[IsolatedReader]:
    with IsolatedReader(spares=0) as reader:
        yield reader


def outcome(source: Source) -> FileReading | UserError:
    """A reading or a refusal; anything else fails the test that asked."""
    try:
        return read_source(source, ReadOptions())
    except UserError as refusal:
        return refusal


# --- files made to hurt -----------------------------------------------------------------------------------------------

CODES = {make: code for code, makers in hostile.REFUSED_BEFORE_PARSING.items() for make in makers} | {
    hostile.two_far_cells: "I013",
    hostile.one_far_cell: "I012",
}


@pytest.mark.parametrize("make", CODES, ids=lambda make: make.__name__)
def test_that_a_hostile_workbook_is_one_refusal_and_the_next_file_reads(
    make: object, reader: IsolatedReader, tmp_path: Path
) -> None:
    path = tmp_path / "export.xlsx"
    path.write_bytes(make())  # type: ignore[operator]  # the keys of CODES are functions

    with pytest.raises(UserError) as caught:
        reader.read(path)

    assert CODES[make] == caught.value.code  # type: ignore[index]
    assert reader.read(DATA / "qubit" / "qubit4.csv").readings


def test_that_a_table_of_100_000_columns_ends_soon_and_coded(reader: IsolatedReader, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("," + ",".join(f"G{i} | Count" for i in range(100_000)) + "\nS1.fcs" + ",7" * 100_000 + "\n")

    reading = reader.read(path)

    assert 100_000 == len(reading.readings)


def test_that_a_cell_of_megabytes_is_refused(reader: IsolatedReader, tmp_path: Path) -> None:
    path = tmp_path / "field.csv"
    path.write_bytes(b'Well,Cq\nA1,"' + b"x" * 3_000_000 + b'"\n')

    with pytest.raises(UserError, match=r"^I00[12]"):
        reader.read(path)


def test_that_a_file_that_vanishes_or_is_a_folder_is_refused(reader: IsolatedReader, tmp_path: Path) -> None:
    path = tmp_path / "soon_gone.csv"
    path.write_text("x")
    path.unlink()

    for wrong in (path, tmp_path):
        with pytest.raises(UserError, match=r"^I011"):
            reader.read(wrong)


def test_that_a_name_that_is_no_text_is_read_like_any_other(reader: IsolatedReader, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/qubit\xff.csv"))
    path.write_bytes((DATA / "qubit" / "qubit4.csv").read_bytes())

    assert "qubit\ufffd.csv" == reader.read(path).file_name


# --- truncated --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_that_a_text_cut_anywhere_never_gives_a_number_the_whole_file_does_not_hold(path: Path) -> None:
    data = path.read_bytes()
    whole = read_source(Source(path.name, data), ReadOptions())
    known = {(each.kind, each.place, each.raw, each.value) for each in whole.readings}

    for end in range(0, len(data), max(1, len(data) // 150)):
        cut = outcome(Source(path.name, data[:end]))
        if isinstance(cut, FileReading):
            # The last cell of a complete row may have lost digits; then the file is known to end without a line break.
            last = max(each.place.row or 0 for each in cut.readings) if "I023" in codes(cut) else None
            others = {(each.kind, each.place, each.raw, each.value) for each in cut.readings if each.place.row != last}
            assert others <= known, (end, others - known)


def codes(reading: FileReading) -> set[str]:
    return {issue.code for issue in reading.issues}


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_that_a_workbook_cut_anywhere_is_refused_as_damaged(path: Path) -> None:
    data = path.read_bytes()

    for end in range(8, len(data), max(1, len(data) // 12)):
        if path.suffix == ".xlsx":  # an old .xls may end in sectors nobody needs
            with pytest.raises(UserError, match=r"^I002"):
                read_source(Source(path.name, data[:end]), ReadOptions())


# --- mutants ----------------------------------------------------------------------------------------------------------


def mutant(seed: int, data: bytes) -> bytes:
    """The same one for the same seed."""
    chance = random.Random(seed)
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5])):
        kind, at = chance.random(), chance.randrange(len(changed) + 1)
        if kind < 0.3 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif kind < 0.5:
            del changed[at : at + chance.choice([1, 3, 40, 400])]
        elif kind < 0.8:
            changed[at : at + chance.choice([0, 1, 6])] = chance.choice(ODD)
        elif kind < 0.9:
            start = chance.randrange(len(changed) + 1)
            changed[at:at] = changed[start : start + 200]
        else:
            del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(0, TEXT_MUTANTS, 20))
def test_that_a_mutant_text_is_a_reading_or_a_refusal(seed: int) -> None:
    for one in range(seed, seed + 20):
        path = TEXTS[one % len(TEXTS)]
        assert isinstance(outcome(Source(path.name, mutant(one, path.read_bytes()))), FileReading | UserError)


@pytest.mark.parametrize("seed", range(0, WORKBOOK_MUTANTS, 10))
def test_that_a_mutant_workbook_is_a_reading_or_a_refusal(seed: int, reader: IsolatedReader, tmp_path: Path) -> None:
    for one in range(seed, seed + 10):
        path = WORKBOOKS[one % len(WORKBOOKS)]
        file = tmp_path / f"{one}{path.suffix}"
        file.write_bytes(mutant(one, path.read_bytes()))
        try:
            reader.read(file)
        except UserError as refusal:
            detail = str(refusal.parameters.get("detail", ""))
            ours = (
                ".py" in detail and "PanicException" not in detail
            )  # calamine may panic; that is what the child is for
            assert not ours, f"mutant {one} of {path.name}: {detail}"
