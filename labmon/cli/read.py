"""`labmon read FILE`: every reading with its place, every issue with its code, and what nobody read."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from labmon.domain.issue import Issue
from labmon.domain.reading import ClinicalRow, FileReading, Reading
from labmon.workflow.read_file import DATE_ORDERS, DECIMAL_MARKS, FORMAT_IDS, read_file

_WIDEST_CELL = 42


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--decimal-mark", metavar="SIGN", choices=DECIMAL_MARKS, help='the sign before the decimals: "." or ","'
    )
    parser.add_argument("--date-order", choices=DATE_ORDERS, help="the order of day, month and year in this file")
    parser.add_argument(
        "--run-date", metavar="DATE", type=date.fromisoformat, help="the day of the run, if the file does not say it"
    )
    parser.add_argument("--format", metavar="ID", choices=FORMAT_IDS, help=f"one of {', '.join(FORMAT_IDS)}")


def run(arguments: argparse.Namespace) -> int:
    reading = read_file(
        arguments.file,
        decimal_mark=arguments.decimal_mark,
        date_order=arguments.date_order,
        run_started_on=arguments.run_date,
        format_id=arguments.format,
    )
    text = json.dumps(answer(reading), ensure_ascii=False, allow_nan=False) if arguments.json else page(reading)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # a console's own code page lacks the micro sign
    print(text)
    return 0


def answer(reading: FileReading) -> dict[str, object]:
    """The JSON contract of `labmon read --json`."""
    return {
        "format": reading.format_id,
        "software": reading.software,
        "instrument": reading.instrument,
        "run_started_at": reading.run_started_at,
        "run_name": reading.run_name,
        "sha256": reading.sha256,
        "locale": reading.locale,
        "readings": [_reading(each) for each in reading.readings],
        "facts": [_fact(each) for each in reading.clinical_rows],
        "warnings": [
            {
                "code": each.code,
                "severity": each.severity.value,
                "message": each.message,
                "advice": each.advice,
                "locator": None if each.place is None else str(each.place),
            }
            for each in reading.issues
        ],
        "unread": list(reading.unread),
    }


def _reading(reading: Reading) -> dict[str, object]:
    return {
        "locator": str(reading.place),
        "well": reading.well,
        "sample": reading.sample,
        "target": reading.target,
        "task": reading.task.value if reading.task else None,
        "kind": reading.kind.value,
        "value": reading.value,
        "raw": reading.raw,
        "unit": reading.unit,
        "qualifier": reading.qualifier.value if reading.qualifier else None,
        "omitted": reading.is_omitted,
    }


def _fact(row: ClinicalRow) -> dict[str, object]:
    return {
        "fact": row.fact,
        "locator": str(row.place),
        "cells": {
            name: cell.isoformat() if isinstance(cell, date | datetime) else cell for name, cell in row.cells.items()
        },
    }


def page(reading: FileReading) -> str:
    """The same for a person: head, readings as a table, issues in sentences, what nobody read."""
    head = [
        f"{reading.file_name}: {reading.format_title}",
        f"SHA-256 {reading.sha256}, {reading.size_bytes:,} bytes",
        f"numbers and dates: {reading.locale}",
    ]
    named = (
        ("instrument", reading.instrument),
        ("software", reading.software),
        ("run", reading.run_name),
        ("run started", reading.run_started_at),
    )
    head += [f"{name}: {value}" for name, value in named if value]
    blocks = ["\n".join(head)]
    if reading.readings:
        title = f"{len(reading.readings)} reading{'' if len(reading.readings) == 1 else 's'}"
        blocks.append(title + "\n" + _table(_READING_HEADINGS, map(_reading_cells, reading.readings)))
    if reading.clinical_rows:
        rows = (
            (str(each.place), each.fact, "; ".join(f"{k} = {v}" for k, v in each.cells.items() if v is not None))
            for each in reading.clinical_rows
        )
        title = f"{len(reading.clinical_rows)} fact{'' if len(reading.clinical_rows) == 1 else 's'}"
        blocks.append(title + "\n" + _table(("place", "fact", "cells"), rows, widest=None))
    if reading.issues:
        blocks.append("Issues\n" + "\n".join(map(_issue_lines, reading.issues)))
    if reading.unread:
        blocks.append("Not read\n" + "\n".join(f"  {each}" for each in reading.unread))
    return "\n\n".join(blocks)


_READING_HEADINGS = ("place", "well", "sample", "target", "task", "kind", "value", "unit", "remark")


def _reading_cells(reading: Reading) -> tuple[str, ...]:
    value = (
        "" if reading.value is None else f"{reading.value:.10g}" if isinstance(reading.value, float) else reading.value
    )
    remarks = [reading.qualifier.value.replace("_", " ")] if reading.qualifier else []
    if reading.is_omitted:
        remarks.append("omitted in the instrument's software")
    return (
        str(reading.place),
        reading.well or "",
        reading.sample or "",
        reading.target or "",
        reading.task.value.replace("_", " ") if reading.task else "",
        reading.kind.value,
        value,
        reading.unit or "",
        ", ".join(remarks),
    )


def _issue_lines(issue: Issue) -> str:
    place = f" {issue.place}:" if issue.place is not None else ""
    return f"  {issue.code} ({issue.severity.value}){place} {issue.message}\n      {issue.advice}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, widest: int | None = _WIDEST_CELL) -> str:
    cells = [tuple(headings), *(tuple(_fit(cell, widest) for cell in row) for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(headings))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(f"  {line}" for line in (lines[0], "  ".join("-" * width for width in widths), *lines[1:]))


def _fit(cell: str, widest: int | None) -> str:
    """A cell without line breaks, its middle left out when it is too wide: gate paths differ at their ends."""
    cell = " ".join(cell.split())
    if widest is None or len(cell) <= widest:
        return cell
    half = (widest - 3) // 2
    return cell[:half] + "..." + cell[-(widest - 3 - half) :]
