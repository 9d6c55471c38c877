"""Tables of MRD results as laboratories write them, and the counts of sequencing programs."""

import io

import openpyxl
import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source


def read(text: str, name: str = "mrd.csv") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def values(reading: FileReading, kind: ReadingKind) -> list[float | str | None]:
    return [each.value for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code not in ("I004", "I023")]


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("MRD (%)", "0.02", 0.0002),
        ("MRD %", "0.02", 0.0002),
        ("% MRD", "0.02", 0.0002),
        ("MRD level", "0.02 %", 0.0002),
        ("MRD level", "2E-4", 0.0002),
        ("MRD level", "2 x 10^-4", 0.0002),
        ("MRD fraction", "0.0002", 0.0002),
        ("mrd_fraction", "0.0002", 0.0002),
    ],
)
def test_that_a_level_is_a_fraction_by_the_unit_its_heading_or_its_cell_states(
    heading: str, cell: str, expected: float
) -> None:
    reading = read(f"Sample,{heading},Sensitivity (%)\nS1,{cell},0.001\n")

    assert [pytest.approx(expected)] == values(reading, ReadingKind.MRD_FRACTION)
    assert [] == codes(reading)


def test_that_a_level_without_any_unit_is_held_and_not_guessed() -> None:
    reading = read("Sample,MRD,Sensitivity\nS1,0.02,1E-5\n")

    assert [None] == values(reading, ReadingKind.MRD_FRACTION)
    assert ["I006"] == codes(reading)


def test_that_a_level_below_a_limit_is_no_number() -> None:
    reading = read("Sample,MRD (%),LOD (%)\nS1,< 0.01,0.01\n")

    assert [None] == values(reading, ReadingKind.MRD_FRACTION)
    assert ["I016"] == codes(reading)


def test_that_a_level_below_a_limit_needs_no_number_where_the_row_states_what_was_found() -> None:
    reading = read("Sample,MRD (%),LOD (%),Result\nS1,< 0.01,0.01,negative\n")

    assert ["negative"] == values(reading, ReadingKind.MRD_STATE)
    assert [] == codes(reading)


def test_that_a_cell_shown_as_per_cent_stands_as_a_fraction_whatever_its_heading_says() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Sample", "MRD (%)", "LOD (%)"])
    sheet.append(["S1", 0.0002, 0.01])
    sheet["B2"].number_format = "0.00%"
    content = io.BytesIO()
    book.save(content)

    reading = read_source(Source("mrd.xlsx", content.getvalue()), ReadOptions())

    assert [0.0002] == values(reading, ReadingKind.MRD_FRACTION)
    assert [0.0001] == values(reading, ReadingKind.MRD_SENSITIVITY_FRACTION)


@pytest.mark.parametrize(
    ("headings", "method"),
    [
        ("Sample,MRD (%),MRD events,Total cells", "flow"),
        ("Sample,MRD level,Sensitivity,Quantitative range", "rq_pcr"),
        ("Sample,Residual clonal cells per million nucleated cells,Nucleated cells evaluated", "ngs"),
        ("Sample,MRD (cells per million),Input cells", "ngs"),
    ],
)
def test_that_the_method_is_that_of_the_columns(headings: str, method: str) -> None:
    cells = ",".join("1E-4" if "level" in each else "7" for each in headings.split(",")[1:])

    assert {method} == {each.target for each in read(f"{headings}\nS1,{cells}\n").readings}


def test_that_gating_on_cd19_is_said() -> None:
    assert ["M403"] == codes(read("Sample,MRD (%),LOD (%),CD19 gating\nS1,0.1,0.01,yes\n"))


@pytest.mark.parametrize(
    "text",
    [
        "Sample,Cells,Status\nS1,100,ok\n",
        "Sample,Target,Cq\nS1,CAR,25.1\n",
        "Sample,MRD (%)\nS1,0.02\n",
    ],
)
def test_that_a_table_without_mrd_or_without_what_could_be_seen_is_not_claimed(text: str) -> None:
    with pytest.raises(UserError, match="I001"):
        read(text)


def test_that_counts_of_templates_or_reads_say_that_the_heading_leaves_it_open() -> None:
    reading = read("nucleotide\taminoAcid\tcount (templates/reads)\tvGeneName\nACG\tC\t12\tTCRBV05\n", "x.tsv")

    assert [12.0] == values(reading, ReadingKind.TEMPLATES)
    assert ["M404"] == codes(reading)


def test_that_a_cut_rearrangement_table_is_refused() -> None:
    with pytest.raises(UserError, match="I002"):
        read("sequence_id\tv_call\tj_call\tjunction\tduplicate_count\nc1\tV\tJ\tA\t12\nc2\tV\tJ", "x.tsv")


def test_that_a_clones_values_beyond_the_declared_samples_are_said_and_not_read() -> None:
    text = '{"samples": {"number": 1}, "reads": {"total": [10]}, "clones": [{"id": "a", "reads": [4, 5]}]}'

    reading = read(text, "x.vidjil")

    assert [4.0] == values(reading, ReadingKind.READS)
    assert ["I021"] == codes(reading)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"vidjil_json_version": "2016b", "samples": {"number": 1}, "clones": []}', "I020"),
        ('{"samples": {"number": 1}, "reads": {"total": 10}, "clones": []}', "I002"),
        ('{"samples": {"number": 1000000000}, "reads": {"total": [1]}, "clones": []}', "I002"),
        ('{"samples": {"number": 1}, "reads": {"total": [1]}, "clones": [7]}', "I002"),
    ],
)
def test_that_a_vidjil_file_without_reads_or_of_another_shape_is_refused(text: str, code: str) -> None:
    with pytest.raises(UserError, match=code):
        read(text, "x.vidjil")
