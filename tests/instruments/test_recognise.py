from collections.abc import Sequence

import openpyxl
import pytest

from labmon.domain.errors import UserError
from labmon.instruments.formats import FORMATS
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.recognise import recognise
from labmon.instruments.source import Source

QUBIT = (
    "Run ID,Assay Name,Test Name,Qubit tube conc.,Units,Original sample conc.,Units\n"
    "1,1x dsDNA HS,S1,30,ng/mL,6,ng/uL\n"
)


def workbook_of(**sheets: Sequence[Sequence[object]]) -> bytes:
    import io

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        recognise(Source(name, data), ReadOptions())
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.4\n...", "it is a PDF"),
        (b"\x89PNG\r\n\x1a\n", "it is a picture"),
        (b"<?xml version='1.0'?>\n<Gating-ML version='2'>", "an XML file of <Gating-ML>"),
        (b'{"clones": []}\n', "a JSON file"),
        (b"Dear colleague,\nplease find attached", 'a text that begins "Dear colleague,"'),
    ],
)
def test_that_a_file_nobody_claims_is_refused_with_what_it_looks_like(data: bytes, says: str) -> None:
    assert says in refusal("results.xlsx", data)
    assert refusal("results.xlsx", data).startswith("I001")


def test_that_a_workbook_nobody_claims_is_refused_with_its_sheets() -> None:
    assert '"Plate map"' in refusal("x.xlsx", workbook_of(**{"Plate map": [["", 1, 2], ["A", "x", "y"]]}))


@pytest.mark.parametrize("data", [b"", b"\n\r\n  \n", b"PK\x03\x04 and then nothing"])
def test_that_an_empty_or_damaged_file_is_refused_as_such(data: bytes) -> None:
    assert refusal("x.csv", data).startswith("I002")


def test_that_content_decides_and_a_wrong_extension_is_a_warning() -> None:
    reading = read_source(Source("plate.fcs", QUBIT.encode()), ReadOptions())

    assert "qubit" == reading.format_id
    assert ["I019"] == [issue.code for issue in reading.issues]


def test_that_two_claims_are_a_question_and_its_answer_is_obeyed() -> None:
    both = QUBIT.splitlines()[0] + ",Nucleic Acid(ng/uL),A260/A280\n" + QUBIT.splitlines()[1] + ",6,1.8\n"
    source = Source("both.csv", both.encode())

    assert refusal("both.csv", both.encode()).startswith("I015")
    assert "qubit" == read_source(source, ReadOptions(format_id="qubit")).format_id
    assert "nanodrop" == read_source(source, ReadOptions(format_id="nanodrop")).format_id


def test_that_an_unknown_format_is_refused() -> None:
    with pytest.raises(UserError, match=r'^I001 .*"qbit"'):
        recognise(Source("x.csv", QUBIT.encode()), ReadOptions(format_id="qbit"))


@pytest.mark.parametrize("format_id", list(FORMATS))
def test_that_a_file_forced_into_a_wrong_format_is_a_refusal_not_a_crash(format_id: str) -> None:
    for source in (Source("x.csv", b"a,b\n1,2\n"), Source("x.xlsx", workbook_of(Any=[["a", "b"], [1, 2]]))):
        with pytest.raises(UserError):
            read_source(source, ReadOptions(format_id=format_id))
