"""What is written into a template by labmon is read from it unchanged."""

from collections.abc import Mapping
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labmon.domain.template import CellKind, Column, Sheet, TemplateId, sheets_of
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.template_sheets import read_template
from labmon.reports.templates import filled_template_bytes

SHEETS = [(template, sheet) for template in TemplateId for sheet in sheets_of(template)]

_TEXTS = (
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="_"), min_size=1, max_size=40)
    .map(str.strip)
    .filter(bool)
)
_VALUES = {
    CellKind.TEXT: _TEXTS,
    CellKind.DATE: st.dates(date(1931, 1, 1), date(2035, 12, 31)),
    CellKind.DATE_TIME: st.datetimes(datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2035-12-31")).map(
        # A cell that says midnight cannot be told from a bare date, so the reader takes it for one.
        lambda moment: moment.replace(minute=moment.minute or 1, second=0, microsecond=0)
    ),
    CellKind.NUMBER: st.floats(0, 1, allow_subnormal=False).map(lambda number: float(f"{number:.9g}")),
    CellKind.COUNT: st.integers(0, 20_000_000),
}


def cells(column: Column) -> st.SearchStrategy[object]:
    filled = st.sampled_from(list(column.choices)) if column.choices else _VALUES[column.kind]
    return filled if column.is_required else st.none() | filled


def rows(sheet: Sheet) -> st.SearchStrategy[list[Mapping[str, object]]]:
    return st.lists(st.fixed_dictionaries({column.heading: cells(column) for column in sheet.columns}), max_size=4)


@pytest.mark.parametrize(("template", "sheet"), SHEETS, ids=[sheet.title for _, sheet in SHEETS])
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_that_what_was_written_is_read(template: TemplateId, sheet: Sheet, data: st.DataObject) -> None:
    written = data.draw(rows(sheet))
    workbook = filled_template_bytes(template, {sheet.title: written})

    filled = read_template(Source("round-trip.xlsx", workbook), template, ReadOptions())

    read = next(each for each in filled.sheets if each.layout is sheet).rows
    assert written == [{column.heading: row.value(column.heading) for column in sheet.columns} for row in read]
    assert [] == [issue for row in read for issue in row.issues]
    assert filled.unread == ()
