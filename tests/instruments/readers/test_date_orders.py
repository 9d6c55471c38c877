"""One file has one order of day and month: decided for all its dates together, or asked."""

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

QUBIT = "Assay Name,Test Name,Test Date,Qubit tube conc.,Units,Original sample conc.,Units,Dilution Factor\n"


def read(text: str, order: DateOrder | None = None) -> FileReading:
    return read_source(Source("table.csv", text.encode()), ReadOptions(date_order=order))


def flowjo(*dates: str) -> str:
    rows = "".join(f"{number}.fcs,41000,{date}\n" for number, date in enumerate(dates))
    return ",CD3+ | Count,$DATE\n" + rows


def acquired(reading: FileReading) -> list[object]:
    return [each.value for each in reading.readings if each.kind is ReadingKind.ACQUIRED_AT]


@pytest.mark.parametrize(("order", "day"), [(DateOrder.DMY, "2026-04-03"), (DateOrder.MDY, "2026-03-04")])
def test_that_the_answer_about_the_order_of_dates_reaches_the_acquisition_dates_of_a_flow_table(
    order: DateOrder, day: str
) -> None:
    reading = read(flowjo("03/04/2026"), order)

    assert [day] == acquired(reading)
    assert order.word in reading.locale
    assert () == reading.issues


def test_that_acquisition_dates_with_two_meanings_are_asked_about() -> None:
    with pytest.raises(UserError) as refused:
        read(flowjo("03/04/2026", "05/04/2026"))

    assert ("I003", 2, 3) == (refused.value.code, refused.value.place.row, refused.value.place.column)


def test_that_one_date_of_a_flow_table_decides_the_others() -> None:
    assert ["2026-04-03", "2026-04-13"] == acquired(read(flowjo("03/04/2026", "13/04/2026")))


@pytest.mark.parametrize(
    "text",
    [
        flowjo("13/11/2025", "11/17/2025"),
        QUBIT + "".join(f"1x dsDNA HS,S,{date},30,ng/mL,6,ng/uL,200\n" for date in ("13/11/2025", "11/17/2025")),
    ],
)
def test_that_dates_that_cannot_be_of_one_order_are_asked_about_with_both(text: str) -> None:
    with pytest.raises(UserError) as refused:
        read(text)

    assert "I003" == refused.value.code
    assert "13/11/2025" in str(refused.value.parameters["detail"])
    assert "11/17/2025" in str(refused.value.parameters["detail"])


def test_that_a_date_the_answered_order_cannot_give_is_an_issue_and_no_date() -> None:
    reading = read(flowjo("13/11/2025", "11/17/2025"), DateOrder.DMY)

    assert ["2025-11-13"] == acquired(reading)
    assert ["I016"] == [issue.code for issue in reading.issues]
