"""labmon's clinical workbook: one sheet a kind of fact, one row a fact."""

from __future__ import annotations

from labmon.domain.issue import Issue
from labmon.domain.reading import ClinicalRow, FileReading
from labmon.domain.template import TemplateId
from labmon.instruments.formats import file_reading
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import not_read
from labmon.instruments.template_sheets import read_template

_SPOILS_THE_ROW = {"C501", "C502"}
"""A row with one of these is no fact: an end date nobody could read must not become "ongoing"."""


def read(source: Source, options: ReadOptions) -> FileReading:
    """The facts of every sheet. Raises UserError I001, I003, I020."""
    filled = read_template(source, TemplateId.CLINICAL, options)
    rows: list[ClinicalRow] = []
    issues: list[Issue] = []
    for sheet in filled.sheets:
        fact = sheet.layout.fact
        assert fact is not None  # every sheet of this template is a fact
        for row in sheet.rows:
            issues.extend(row.issues)
            if _SPOILS_THE_ROW.isdisjoint(issue.code for issue in row.issues):
                cells = {column.heading: row.value(column.heading) for column in sheet.layout.columns}
                rows.append(ClinicalRow(fact=fact.fact, place=row.place, cells=cells))
    return file_reading(
        source,
        "clinical_template",
        clinical_rows=rows,
        issues=[*filled.missing, *issues, *not_read(filled.unread)],
        unread=filled.unread,
        locale=filled.locale,
    )
