"""FlowJo workspaces and FACSDiva experiments: what was never computed, and what would hurt whoever opens it."""

import io

import openpyxl
import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, Qualifier, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source


def read(text: str, name: str = "x.wsp") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def workspace(tree: str, count: str = "1000") -> str:
    node = f'<SampleNode name="S1" count="{count}"><Subpopulations>{tree}</Subpopulations></SampleNode>'
    return f'<Workspace flowJoVersion="10.8.1"><SampleList><Sample>{node}</Sample></SampleList></Workspace>'


def counts(reading: FileReading) -> dict[str | None, float | str | None]:
    kinds = (ReadingKind.COUNT, ReadingKind.EVENT_COUNT)
    return {each.target: each.value for each in reading.readings if each.kind in kinds}


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues]


def test_that_a_stored_minus_one_was_never_computed() -> None:
    reading = read(workspace('<Population name="CD3+" count="-1"/>'))

    assert {None: 1000.0, "CD3+": None} == counts(reading)
    assert ["F303"] == codes(reading)


def test_that_a_stored_zero_of_a_gate_is_a_count() -> None:
    assert {None: 1000.0, "CD3+": 0.0} == counts(read(workspace('<Population name="CD3+" count="0"/>')))


def test_that_a_zero_of_a_sample_whose_gates_hold_events_was_not_computed() -> None:
    reading = read(workspace('<Population name="CD3+" count="12"/>', count="0"))

    assert {None: None, "CD3+": 12.0} == counts(reading)
    assert ["F303"] == codes(reading)


def test_that_an_empty_sample_holds_no_events() -> None:
    assert {None: 0.0, "CD3+": 0.0} == counts(read(workspace('<Population name="CD3+" count="0"/>', count="0")))


@pytest.mark.parametrize("gate", ["Population", "AndNode", "OrNode", "NotNode"])
def test_that_every_kind_of_gate_is_one(gate: str) -> None:
    assert 7.0 == counts(read(workspace(f'<{gate} name="CD3+" count="7"/>')))["CD3+"]


def test_that_two_gates_of_one_name_are_both_kept() -> None:
    reading = read(workspace('<Population name="CD3+" count="7"/><Population name="CD3+" count="8"/>'))

    assert [7.0, 8.0] == [each.value for each in reading.readings if each.target == "CD3+"]


def test_that_counts_below_a_template_of_a_group_are_no_results() -> None:
    text = workspace('<Population name="CD3+" count="7"/>')
    group = '<Groups><GroupNode count="-1"><Population name="CD19+" count="3"/></GroupNode></Groups>'

    assert "CD19+" not in counts(read(text.replace("<SampleList>", f"{group}<SampleList>")))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (workspace("")[:-20], "I002"),
        ("<Workspace flowJoVersion='10'/>", "I020"),
        ("<!DOCTYPE w [<!ENTITY a 'b'>]>" + workspace(""), "I018"),
        (workspace("<Population>" * 300 + "</Population>" * 300), "I018"),
        ("<bdfacs version='8'/>", "I020"),
        ("<bdfacs><experiment><specimen><tube><gates><gate><num_events>3", "I002"),
    ],
)
def test_that_a_cut_an_empty_and_a_dangerous_file_is_refused(text: str, code: str) -> None:
    with pytest.raises(UserError, match=code):
        read(text)


def test_that_a_tube_that_was_not_open_holds_no_numbers_at_all() -> None:
    gates = "".join(f"<gate fullname='{n}'><num_events>0</num_events></gate>" for n in ("All Events", "All Events\\P1"))
    tube = f"<specimen name='P'><tube name='T'><gates>{gates}</gates></tube></specimen>"
    text = f"<bdfacs><experiment>{tube}</experiment></bdfacs>"

    reading = read(text, "x.xml")

    assert {(None, Qualifier.NOT_COMPUTED)} == {(each.value, each.qualifier) for each in reading.readings}
    assert "F303" in codes(reading)


def test_that_a_table_a_spreadsheet_made_per_cents_of_reads_as_it_shows() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["", "CD3+ | Freq. of Parent (%)", "CD3+ | Count", " | Count"])
    sheet.append(["S1", 0.179, 179, 1000])
    sheet["B2"].number_format = "0.0%"
    content = io.BytesIO()
    book.save(content)

    reading = read_source(Source("table.xlsx", content.getvalue()), ReadOptions())

    assert [(17.9, "%")] == [
        (each.value, each.unit) for each in reading.readings if each.kind is ReadingKind.PERCENT_OF_PARENT
    ]
