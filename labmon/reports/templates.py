"""Make labmon's own workbooks: empty as templates to fill in, or filled with rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from labmon.domain.template import (
    MARK,
    MARK_SHEET,
    VERSION_MARK,
    VERSIONS,
    CellKind,
    Column,
    Sheet,
    TemplateId,
    sheets_of,
)
from labmon.reports.reproducible import workbook_bytes

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

Rows = Mapping[str, Sequence[Mapping[str, object]]]
"""Rows by the title of their sheet; each row by heading."""

_LAST_ROW = 5000
"""Validation and formats reach this far down."""

_INK = "1F2933"
_HEAD_REQUIRED = "1B5E7D"
_HEAD_OPTIONAL = "6B7C8A"
_NUMBER_FORMAT = {
    CellKind.DATE: "yyyy-mm-dd",
    CellKind.DATE_TIME: "yyyy-mm-dd hh:mm",
    CellKind.TEXT: "@",
    CellKind.CHOICE: "@",
    CellKind.NUMBER: "General",
    CellKind.COUNT: "0",
}


def template_file_name(template: TemplateId) -> str:
    return f"{template}.xlsx"


def template_bytes(template: TemplateId) -> bytes:
    """The empty template, the same bytes every time."""
    return filled_template_bytes(template, {})


def filled_template_bytes(template: TemplateId, rows: Rows) -> bytes:
    """The template with rows in it. Raises KeyError for a sheet or heading the template does not have."""
    from openpyxl import Workbook

    workbook = Workbook()
    about = workbook.active
    assert about is not None  # a new workbook has one sheet
    about.title = MARK_SHEET
    _write_about(workbook, template)
    sheets = {sheet.title: sheet for sheet in sheets_of(template)}
    for sheet in sheets.values():
        _write_sheet(workbook.create_sheet(sheet.title), sheet)
    for title, sheet_rows in rows.items():
        _fill(workbook[title], sheets[title], sheet_rows)
    workbook.properties.creator = "labmon"
    workbook.properties.title = f"labmon template: {template.label}"
    return workbook_bytes(workbook)


def write_templates(folder: Path) -> tuple[Path, ...]:
    """Write every template into the folder and return their paths; a file of the same name is replaced."""
    paths = []
    for template in TemplateId:
        path = folder / template_file_name(template)
        path.write_bytes(template_bytes(template))
        paths.append(path)
    return tuple(paths)


def _write_sheet(page: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(sheet.columns, start=1):
        head = page.cell(row=1, column=number, value=column.heading)
        head.font = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=_HEAD_REQUIRED if column.is_required else _HEAD_OPTIONAL)
        head.alignment = Alignment(vertical="center", wrap_text=False)
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = _width(column)
        page.column_dimensions[letter].number_format = _NUMBER_FORMAT[column.kind]
        _add_validation(page, column, f"{letter}2:{letter}{_LAST_ROW}")
    page.row_dimensions[1].height = 22
    page.freeze_panes = "B2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}1"


def _width(column: Column) -> float:
    longest_choice = max((len(choice) for choice in column.choices), default=0) if column.choices else 0
    return max(len(column.heading), longest_choice, 12) + 4


def _add_validation(page: Worksheet, column: Column, cells: str) -> None:
    """The prompt explains the column when a cell is selected; the rule refuses what the reader would refuse."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(
        allow_blank=True,
        showInputMessage=True,
        showErrorMessage=column.kind is not CellKind.TEXT,
        promptTitle=column.heading[:32],
        prompt=f"{'Required. ' if column.is_required else ''}{column.help}"[:255],
        errorTitle="Not understood",
        error=f"{column.heading} should be {column.expected}."[:225],
    )
    if column.choices is not None:
        rule.type = "list"
        rule.formula1 = '"' + ",".join(column.choices) + '"'
    elif column.kind in (CellKind.DATE, CellKind.DATE_TIME):
        rule.type = "date"
        rule.operator = "greaterThan"
        rule.formula1 = "1"  # 1 January 1900: any date at all
        rule.errorStyle = "warning"  # an ISO date typed as text is read too
    elif column.kind in (CellKind.NUMBER, CellKind.COUNT):
        rule.type = "decimal" if column.kind is CellKind.NUMBER else "whole"
        if column.high is not None:
            rule.operator = "between"
            rule.formula1, rule.formula2 = f"{column.low or 0:g}", f"{column.high:g}"
        else:
            rule.operator = "greaterThanOrEqual"
            rule.formula1 = f"{column.low or 0:g}"
    rule.add(cells)
    page.add_data_validation(rule)


def _fill(page: Worksheet, sheet: Sheet, rows: Sequence[Mapping[str, object]]) -> None:
    position = {column.heading: number for number, column in enumerate(sheet.columns, start=1)}
    for row_number, row in enumerate(rows, start=2):
        for heading, value in row.items():
            if value is None:
                continue
            cell = page.cell(row=row_number, column=position[heading])
            _put(cell, value)
            cell.number_format = _NUMBER_FORMAT[sheet.column(heading).kind]


def _put(cell: Cell | MergedCell, value: object) -> None:
    if isinstance(value, (StrEnum, str)):
        cell.value = str(value)
        cell.data_type = "s"  # never a formula, whatever it begins with
    elif isinstance(value, (bool, int, float, datetime, date)):
        cell.value = value
    else:
        raise TypeError(f"a cell cannot hold {value!r}")


def _write_about(workbook: Workbook, template: TemplateId) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.properties import PageSetupProperties

    page = workbook[MARK_SHEET]
    page["A1"], page["B1"] = MARK, str(template)
    page["A2"], page["B2"] = VERSION_MARK, VERSIONS[template]
    for mark in ("A1", "B1", "A2", "B2"):
        page[mark].font = Font(name="Calibri", size=9, color=_HEAD_OPTIONAL)
    page["A4"] = f"labmon: {template.label}"
    page["A4"].font = Font(name="Calibri", size=16, bold=True, color=_INK)
    row = 5
    for line in _HOW_TO_FILL:
        page.cell(row=row, column=1, value=line).font = Font(name="Calibri", size=11, color=_INK)
        row += 1
    row += 1
    for sheet in sheets_of(template):
        page.cell(row=row, column=1, value=sheet.title).font = Font(name="Calibri", size=12, bold=True, color=_INK)
        page.cell(row=row, column=2, value=sheet.purpose).font = Font(name="Calibri", size=11, italic=True, color=_INK)
        row += 1
        for column in sheet.columns:
            name = page.cell(row=row, column=1, value=column.heading)
            name.font = Font(name="Calibri", size=11, color=_INK, bold=column.is_required)
            name.alignment = Alignment(indent=1, vertical="top")
            page.cell(row=row, column=2, value="required" if column.is_required else "optional")
            text = page.cell(row=row, column=3, value=f"{column.help} {_holds(column)}".strip())
            text.alignment = Alignment(wrap_text=True, vertical="top")
            row += 1
        row += 1
    for letter, width in (("A", 30), ("B", 12), ("C", 100)):
        page.column_dimensions[letter].width = width
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _holds(column: Column) -> str:
    return f"One of: {', '.join(column.choices)}." if column.choices else ""


_HOW_TO_FILL = (
    "One row a fact. Leave the headings in row 1 and this sheet as they are; sheets you do not need stay empty.",
    "Dark headings are required, grey ones optional. Select a cell to see what belongs there.",
    "Dates are best entered as real dates; 2026-04-13 is understood everywhere. Numbers are plain: 0.0001, not 0.01 %.",
    "Save as .xlsx and import the file. A row that cannot be used is named with its cell; the others count.",
    "Importing the same rows again changes nothing. No names, no record numbers: patients are their study codes.",
)
