"""Rows of a fluorometer or spectrophotometer that are no DNA concentration say so; none goes by unmentioned."""

import pytest

from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

QUBIT = "Assay Name,Test Name,Qubit tube conc.,Units,Original sample conc.,Units,Dilution Factor\n"
NANODROP = "Sample Name,Nucleic Acid(ng/uL),A260/A280,A260/A230,NA Type\n"


def read(text: str) -> FileReading:
    return read_source(Source("table.csv", text.encode()), ReadOptions())


def issues(reading: FileReading) -> list[Issue]:
    return [issue for issue in reading.issues if issue.code != "I004"]


@pytest.mark.parametrize("assay", ["RNA HS", "Protein BR", "RNA IQ", "1x ssDNA", ""])
def test_that_a_qubit_row_of_another_assay_than_dna_says_that_it_is_no_dna(assay: str) -> None:
    reading = read(f"{QUBIT}{assay},S1,30.4,ng/mL,6.08,ng/uL,200\n")

    assert [ReadingKind.CONCENTRATION] == [each.kind for each in reading.readings]
    assert ["Q107"] == [issue.code for issue in issues(reading)]
    assert reading.readings[0].place == issues(reading)[0].place
    assert assay in issues(reading)[0].message


@pytest.mark.parametrize("unit", ["", "furlong"])
def test_that_a_qubit_row_in_no_unit_of_mass_is_no_dna_and_says_so(unit: str) -> None:
    reading = read(f"{QUBIT}1x dsDNA HS,S1,30.4,ng/mL,6.08,{unit},200\n")

    assert [ReadingKind.CONCENTRATION] == [each.kind for each in reading.readings]
    assert ["I006"] == [issue.code for issue in issues(reading)]


@pytest.mark.parametrize("printed", ["Out of range", "Too low", "Too high", "<0.50", "> 120", "", "N/A", "-"])
def test_that_a_qubit_cell_without_a_number_says_that_there_is_no_dna_concentration(printed: str) -> None:
    reading = read(f"{QUBIT}1x dsDNA HS,S1,30.4,ng/mL,{printed},ng/uL,200\n")

    assert [None] == [each.value for each in reading.readings]
    assert ["Q107"] == [issue.code for issue in issues(reading)]
    assert (f'"{printed}"' if printed else "empty") in issues(reading)[0].message


@pytest.mark.parametrize(
    "text", [QUBIT + "1x dsDNA HS,S1,0,ng/mL,0.00,ng/uL,200\n", NANODROP + "S1,0.00,1.8,2.0,DNA\n"]
)
def test_that_a_concentration_of_nothing_says_that_no_dna_was_found(text: str) -> None:
    assert ["Q107"] == [issue.code for issue in issues(read(text))]


@pytest.mark.parametrize("row", ["S1,60.0,1.8,2.0,RNA", "S1,60.0,1.8,2.0,", "S1,,1.8,2.0,DNA", "S1,NaN,1.8,2.0,DNA"])
def test_that_a_nanodrop_row_without_a_dna_concentration_says_so(row: str) -> None:
    assert ["Q107"] == [issue.code for issue in issues(read(f"{NANODROP}{row}\n"))]
