"""Read one file without a record: what `labmon read` shows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from labmon.domain.reading import FileReading
from labmon.instruments.child import IsolatedReader
from labmon.instruments.formats import FORMATS
from labmon.instruments.options import DateOrder, DecimalMark, ReadOptions

DECIMAL_MARKS = tuple(each.value for each in DecimalMark)
DATE_ORDERS = tuple(each.value for each in DateOrder)
FORMAT_IDS = tuple(FORMATS)


def read_file(
    path: Path,
    *,
    decimal_mark: str | None = None,
    date_order: str | None = None,
    run_started_on: date | None = None,
    format_id: str | None = None,
) -> FileReading:
    """What a file says, read in the guarded child process. Raises UserError."""
    options = ReadOptions(
        decimal_mark=DecimalMark(decimal_mark) if decimal_mark is not None else None,
        date_order=DateOrder(date_order) if date_order is not None else None,
        run_started_on=run_started_on,
        format_id=format_id,
    )
    with IsolatedReader(spares=0) as reader:
        return reader.read(path, options)
