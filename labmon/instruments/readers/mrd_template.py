"""labmon's MRD workbook: flow, Ig/TR qPCR and sequencing, one row a specimen and marker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from labmon.domain.analyte import MrdMethod
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.domain.template import MrdState, TemplateId, YesNo
from labmon.instruments.formats import file_reading
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import not_read
from labmon.instruments.template_sheets import TypedCell, TypedRow, read_template

_KINDS = {
    "analysed_on": (ReadingKind.ACQUIRED_AT, None),
    "mrd_total_cells": (ReadingKind.MRD_TOTAL_CELLS, "cells"),
    "input_cells": (ReadingKind.MRD_TOTAL_CELLS, "cells"),
    "mrd_events": (ReadingKind.MRD_EVENTS, "events"),
    "mrd_fraction": (ReadingKind.MRD_FRACTION, "fraction"),
    "mrd_copies_per_million": (ReadingKind.MRD_COPIES_PER_MILLION, "copies/1e6 cells"),
    "mrd_lod_fraction": (ReadingKind.MRD_SENSITIVITY_FRACTION, "fraction"),
    "mrd_sensitivity_fraction": (ReadingKind.MRD_SENSITIVITY_FRACTION, "fraction"),
    "mrd_lloq_fraction": (ReadingKind.MRD_LLOQ_FRACTION, "fraction"),
    "mrd_denominator": (ReadingKind.MRD_DENOMINATOR, None),
    "mrd_state": (ReadingKind.MRD_STATE, None),
}
_SAYS_WHAT_COULD_BE_SEEN = ("mrd_total_cells", "input_cells", "mrd_sensitivity_fraction", "mrd_lod_fraction")


def read(source: Source, options: ReadOptions) -> FileReading:
    """The readings of every row. Raises UserError I001, I003, I020."""
    filled = read_template(source, TemplateId.MRD, options)
    readings: list[Reading] = []
    issues: list[Issue] = []
    days: set[date] = set()
    for sheet in filled.sheets:
        method = sheet.layout.method
        assert method is not None  # every sheet of this template has one
        for row in sheet.rows:
            issues.extend(row.issues)
            if row.value("specimen_code") is None:
                continue  # C501 says so; a result of nobody is none
            analysed_on = row.value("analysed_on")
            if isinstance(analysed_on, date):
                days.add(analysed_on)
            readings.extend(_readings(row, method))
            issues.extend(_issues(row))
    return file_reading(
        source,
        "mrd_template",
        readings=readings,
        issues=[*filled.missing, *issues, *not_read(filled.unread)],
        unread=filled.unread,
        run_started_at=max(days).isoformat() if days else None,
        locale=filled.locale,
        properties={"analysed_on": ", ".join(day.isoformat() for day in sorted(days))} if days else None,
    )


def _readings(row: TypedRow, method: MrdMethod) -> Iterator[Reading]:
    marker = row.value("marker")
    target = f"{method.value}:{marker}" if marker is not None else method.value
    sample = str(row.value("specimen_code"))
    for heading, (kind, unit) in _KINDS.items():
        cell = row.cells.get(heading)
        if cell is None or (heading == "mrd_fraction" and _forbids_a_number(row)):
            continue
        value = cell.value.value if isinstance(cell.value, StrEnum) else cell.value
        if isinstance(value, date):
            value = value.isoformat()
        assert isinstance(value, str | float | int)  # by the kinds of these columns
        yield Reading(kind=kind, place=cell.place, value=value, raw=cell.raw, sample=sample, target=target, unit=unit)
    state = row.cells.get("mrd_state")
    if state is not None and _forbids_a_number(row):
        yield _fraction_without_number(state, sample, target)


def _forbids_a_number(row: TypedRow) -> bool:
    """A state other than "quantified" stands in the row: positive, not quantifiable is never a number."""
    return row.value("mrd_state") not in (None, MrdState.POSITIVE_QUANTIFIED)


def _fraction_without_number(state: TypedCell, sample: str, target: str) -> Reading:
    qualifiers = {
        MrdState.NOT_DETECTED: Qualifier.UNDETERMINED,
        MrdState.NOT_EVALUABLE: Qualifier.NO_CALL,
    }
    return Reading(
        kind=ReadingKind.MRD_FRACTION,
        place=state.place,
        value=None,
        raw=state.raw,
        sample=sample,
        target=target,
        unit="fraction",
        qualifier=qualifiers.get(MrdState(str(state.value))),
    )


def _issues(row: TypedRow) -> Iterator[Issue]:
    """What is wrong with the row as a whole."""
    if not any(heading in row.cells for heading in _SAYS_WHAT_COULD_BE_SEEN):
        yield Issue(code="M401", place=row.place)
    if row.value("cd19_gating") is YesNo.YES:
        yield Issue(code="M403", place=row.place)
    fraction, state = row.cells.get("mrd_fraction"), row.cells.get("mrd_state")
    if fraction is not None and state is not None and _forbids_a_number(row):
        expected = f"an empty cell, as {state.value} asks"
        yield Issue(code="C502", place=fraction.place, parameters={"raw": fraction.raw, "expected": expected})
    if fraction is None and row.value("mrd_state") is MrdState.POSITIVE_QUANTIFIED:
        yield Issue(code="C501", place=row.place, parameters={"field": "mrd_fraction"})
