"""Reads one file in this process: bytes, format, reader.

The window and the command line call it through the guarded child.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.physical_bounds import beyond_bounds
from labmon.instruments.recognise import extension_issue, recognise
from labmon.instruments.source import Source
from labmon.instruments.templates import template_id


def read_path(path: Path, options: ReadOptions) -> FileReading:
    """What the file at a path says. Raises UserError."""
    return read_source(Source.from_path(path), options)


def read_source(source: Source, options: ReadOptions) -> FileReading:
    """What the bytes of a file say. Raises UserError."""
    read_as = recognise(source, options)
    reading = read_as.read(source, options)
    if options.run_started_on is not None and not _says_when(reading):
        reading = replace(reading, run_started_at=options.run_started_on.isoformat())
    wrong_extension = extension_issue(source, read_as)
    more = [
        *_uncomputed(source, reading),
        *beyond_bounds(reading.readings),
        *([wrong_extension] if wrong_extension is not None else []),
    ]
    return replace(reading, issues=(*reading.issues, *more)) if more else reading


def _says_when(reading: FileReading) -> bool:
    acquired_at = ReadingKind.ACQUIRED_AT
    return reading.run_started_at is not None or any(each.kind is acquired_at for each in reading.readings)


def _uncomputed(source: Source, reading: FileReading) -> list[Issue]:
    """I016 for each formula without a value on a sheet of results: it reads as an empty cell, and is none."""
    sheets = [name for name in dict.fromkeys([each.place.sheet for each in reading.readings]) if name is not None]
    if not sheets or template_id(source) is not None:  # a template's own cells say what they expect
        return []
    return [
        Issue(
            code="I016",
            place=Place(sheet=sheet, row=row, column=column),
            parameters={"raw": formula, "what": "a value, for no program computed it"},
        )
        for sheet in sheets
        for (row, column), formula in source.workbook.marks(sheet).uncomputed.items()
    ]
