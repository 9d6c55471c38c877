"""The table of results that all Applied Biosystems exports share: its headings, flags and what it may lack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from labmon.domain.issue import Issue
from labmon.domain.reading import ReadingKind
from labmon.instruments.cq import well_position
from labmon.instruments.locale import NumberFormat
from labmon.instruments.readers.cq_table import (
    Block,
    Headings,
    Results,
    block_below,
    cross_checks,
    heading_index,
    missing_columns,
    read_table,
)
from labmon.instruments.readers.quantstudio_head import KNOWN
from labmon.instruments.tables import Row, Table, cell_text
from labmon.instruments.words import plain

HEADINGS = Headings(
    well=("well position", "well"),
    sample=("sample name", "sample"),
    target=("target name", "target", "detector name", "detector", "snp assay name", "snp assay"),
    task=("task",),
    omitted=("omit",),
    cq=("ct", "crt", "cq", "cp"),
    per_well={
        ReadingKind.CQ_MEAN: ("ct mean", "crt mean", "cq mean", "cp mean"),
        ReadingKind.CQ_SD: ("ct sd", "crt sd", "cq sd", "cp sd", "ct stddev", "stddev ct"),
        ReadingKind.QUANTITY: ("quantity", "qty", "starting quantity (sq)"),
        ReadingKind.QUANTITY_MEAN: ("quantity mean", "qty mean", "mean qty", "mean quantity"),
        ReadingKind.QUANTITY_SD: ("quantity sd", "qty sd", "qty stddev", "stddev qty"),
    },
    per_target={
        ReadingKind.SLOPE: ("slope",),
        ReadingKind.INTERCEPT: ("y-intercept", "y intercept", "intercept"),
        ReadingKind.R2: ("r(superscript 2)", "r2", "r^2", "r squared"),
        ReadingKind.EFFICIENCY: ("efficiency", "efficiency (%)", "efficiency%", "eff%"),
        ReadingKind.THRESHOLD: ("ct threshold", "crt threshold", "cq threshold", "cp threshold", "threshold"),
    },
    telling=("amp score", "cq conf", "cq confidence", "rn", "rn mean", "rn sd", "rq", "rq min", "rq max", "delta rn"),
    mean_tolerance_cycles=0.002,  # exports print three decimals
)
TARGET_NAMES = frozenset({"target name", "snp assay name"})
"""The headings of targets that no other vendor's table has."""
DETECTOR_NAMES = frozenset({"detector name", "detector"})
"""What a target is called by the software before this one."""
OF_OTHERS = frozenset({"fluor", "content", "gene name", *DETECTOR_NAMES})
"""Headings beside wells and Cq values that other programs' tables have, and these never."""
_USUAL = (
    (HEADINGS.sample, "Sample Name", "no well can be given to a sample"),
    (HEADINGS.target, "Target Name", "no well can be given to a target"),
    (HEADINGS.task, "Task", "standards and controls are known by their sample names only"),
)
_MOST_WELLS_NAMED = 8


def results_heading(rows: Sequence[Row]) -> int | None:
    """Which of these rows is the heading of a table of results, by its words."""
    return heading_index(rows, HEADINGS)


def results_block(rows: Sequence[Row], heading: int, *, sheet: str | None = None) -> Block:
    """The rows of wells below a heading, and what follows them."""
    words = [plain(cell_text(each)) for each in rows[heading].cells]
    well = words.index("well") if "well" in words else words.index("well position")
    return block_below(rows, heading, well, sheet=sheet, known=KNOWN)


def read_results(table: Table, numbers: NumberFormat, last_cycle: Callable[[], int | None]) -> Results:
    """Every reading of the table, with what its own redundancy and its flags say about it.

    `last_cycle` is asked once, and only when a Cq is as late as a run may end.
    """
    found = read_table(table, HEADINGS, numbers, last_cycle)
    found.issues.extend(cross_checks(found, HEADINGS, found.readings))
    found.issues.extend(_flags(table))
    found.issues.extend(table.repairs())
    found.issues.extend(missing_columns(table, _USUAL))
    return found


def _flags(table: Table) -> Iterator[Issue]:
    """Q111 for each of the software's own flags (BADROX, NOAMP, HIGHSD ...) that is raised for a well."""
    well = table.column("well position", "well")
    for index, heading in enumerate(table.headings):
        if not re.fullmatch(r"[A-Z]{4,}[A-Z0-9_]*", heading):
            continue
        texts = [cell_text(row.cells[index]) if index < len(row.cells) else "" for row in table.rows]
        if not set(texts) <= {"Y", "N", ""} or not any(texts):
            continue
        column = table.at(index)
        raised = [row for row, text in zip(table.rows, texts, strict=True) if text == "Y"]
        if raised:
            names = list(dict.fromkeys(well_position(row.text(well)) or f"row {row.number}" for row in raised))
            shown = ", ".join(names[:_MOST_WELLS_NAMED])
            more = len(names) - _MOST_WELLS_NAMED
            yield Issue(
                code="Q111",
                place=column.place(raised[0]),
                parameters={"flag": heading, "wells": shown + (f" and {more} more" if more > 0 else "")},
            )
