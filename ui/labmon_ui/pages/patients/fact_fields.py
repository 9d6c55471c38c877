"""The fields of a clinical fact's form: made from the fact's own columns, read back with words for what is wrong."""

from __future__ import annotations

import math
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from labmon.domain.clinical import ClinicalFact
from labmon.domain.template import CellKind, Column, Sheet, TemplateId, sheets_of
from labmon_ui.texts import tr

_UNITS = {"_ul": "µL", "_pct": "%", "_cells_per_ul": "cells/µL", "_pct_of_lymphocytes": "% of lymphocytes"}


def sheet_of(kind: type[ClinicalFact]) -> Sheet:
    """What is known about a kind of fact: title, purpose and columns, the same as in the clinical workbook."""
    return next(sheet for sheet in sheets_of(TemplateId.CLINICAL) if sheet.fact is kind)


def field_label(name: str) -> str:
    """A field in words: "collected_on" is "Collected on", "blood_volume_ul" is "Blood volume, µL"."""
    for suffix in sorted(_UNITS, key=len, reverse=True):
        if name.endswith(suffix):
            name, unit = name.removesuffix(suffix), f", {_UNITS[suffix]}"
            break
    else:
        unit = ""
    words = name.replace("_", " ").replace("emd", "EMD").replace("cd19", "CD19").replace("car ", "CAR ")
    return words[:1].upper() + words[1:] + unit


def choice_label(value: str) -> str:
    """A choice in words: "4_1bb" is "4-1BB", "peripheral_blood" is "peripheral blood"."""
    return {"4_1bb": "4-1BB", "cd28": "CD28", "hsct": "HSCT", "csf": "CSF", "g_csf": "G-CSF", "ifn_alpha": "IFN-α"}.get(
        value, value.replace("_", " ")
    )


def cell_text(value: object) -> str:
    """A field's value as a person types and reads it."""
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case float():
            return f"{value:g}"
    return str(value)


def default_of(kind: type[ClinicalFact], column: Column) -> str:
    """What a new form begins with: the field's default, so that "unknown" is chosen where nothing is known."""
    default = next(field.default for field in fields(kind) if field.name == column.heading)
    return default.value if column.choices is not None and isinstance(default, column.choices) else ""


def read_fact(kind: type[ClinicalFact], texts: dict[str, str]) -> tuple[ClinicalFact | None, dict[str, str]]:
    """The fact these texts make, or what is wrong with each field that is."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for column in sheet_of(kind).columns:
        text = texts[column.heading].strip()
        if not text:
            if column.is_required:
                wrong[column.heading] = tr("This is needed.")
            values[column.heading] = None
            continue
        value = _read(column, text)
        if value is None:
            wrong[column.heading] = tr("“{text}” is not {expected}.").format(text=text, expected=tr(column.expected))
        elif isinstance(value, float) and not _is_in_range(column, value):
            wrong[column.heading] = tr("{value} lies outside of what is possible.", value=text)
        values[column.heading] = value
    return (None, wrong) if wrong else (kind(**values), {})


def _read(column: Column, text: str) -> object | None:
    try:
        match column.kind:
            case CellKind.CHOICE:
                assert column.choices is not None  # a choice column always has them
                return column.choices(text)
            case CellKind.DATE:
                return date.fromisoformat(text)
            case CellKind.DATE_TIME:
                at = datetime.fromisoformat(text)
                return at if at.tzinfo is not None else at.astimezone()
            case CellKind.NUMBER | CellKind.COUNT:
                number = float(text)
                return number if math.isfinite(number) else None
    except ValueError:
        return None
    return text


def _is_in_range(column: Column, value: float) -> bool:
    return (column.low is None or value >= column.low) and (column.high is None or value <= column.high)
