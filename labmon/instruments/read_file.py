"""Reads one file in this process: bytes, format, reader.

The window and the command line call it through the guarded child.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labmon.domain.reading import FileReading
from labmon.instruments.options import ReadOptions
from labmon.instruments.physical_bounds import beyond_bounds
from labmon.instruments.recognise import extension_issue, recognise
from labmon.instruments.source import Source


def read_path(path: Path, options: ReadOptions) -> FileReading:
    """What the file at a path says. Raises UserError."""
    return read_source(Source.from_path(path), options)


def read_source(source: Source, options: ReadOptions) -> FileReading:
    """What the bytes of a file say. Raises UserError."""
    read_as = recognise(source, options)
    reading = read_as.read(source, options)
    wrong_extension = extension_issue(source, read_as)
    more = [*beyond_bounds(reading.readings), *([wrong_extension] if wrong_extension is not None else [])]
    return replace(reading, issues=(*reading.issues, *more)) if more else reading
