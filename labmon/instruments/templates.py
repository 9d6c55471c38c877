"""How a workbook says that it is one of labmon's own templates: a sheet `labmon` with its name and version."""

from __future__ import annotations

from labmon.domain.template import MARK, MARK_SHEET, TemplateId
from labmon.instruments.source import Container, Source


def is_mrd_template(source: Source) -> bool:
    return template_id(source) == TemplateId.MRD


def is_clinical_template(source: Source) -> bool:
    return template_id(source) == TemplateId.CLINICAL


def template_id(source: Source) -> str | None:
    """The id in B1 of the sheet `labmon`; None when the file is no template of ours."""
    if source.container not in (Container.ZIP, Container.OLE) or MARK_SHEET not in source.workbook.sheet_names:
        return None
    sheet = source.workbook.sheet(MARK_SHEET)
    return str(sheet.cell(1, 2)).strip() if str(sheet.cell(1, 1)).strip() == MARK else None


def template_version(source: Source) -> int | None:
    """The version in B2; None when it is no whole number."""
    value = source.workbook.sheet(MARK_SHEET).cell(2, 2)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() else None
