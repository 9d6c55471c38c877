"""The text export of QuantStudio, ViiA 7 and StepOne RT-PCR software, and the same table saved again as csv."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading
from labmon.instruments.cq import is_well
from labmon.instruments.delimited import delimiter_of, split
from labmon.instruments.formats import file_reading
from labmon.instruments.grids import Grid, check_end
from labmon.instruments.locale import decide_numbers, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cq_table import LONGEST_HEAD, cycle_of, numeric_cells, skipped
from labmon.instruments.readers.quantstudio_head import KNOWN, new_head
from labmon.instruments.readers.quantstudio_results import (
    HEADINGS,
    OF_OTHERS,
    TARGET_NAMES,
    read_results,
    results_block,
    results_heading,
)
from labmon.instruments.source import Source
from labmon.instruments.tables import Row, Table, not_read
from labmon.instruments.words import plain

_FORMAT = "quantstudio_text"
_SECTION = re.compile(r"\[([A-Za-z][^\]]*)\]")
_MARKED_HEAD = re.compile(r'"?\* ?[^=]+? ?= ?')


class _Section:
    """One section: only that of the results is always split into cells, the others ten times as long seldom."""

    def __init__(self, name: str, lines: Sequence[str], first_number: int) -> None:
        self.name = name
        self.first_number = first_number
        """The line of the mark, or of the headings where there is none."""
        self.is_empty = not lines
        self._lines = lines

    @cached_property
    def rows(self) -> list[Row]:
        delimiter = delimiter_of(self._lines[:3]) or "\t"
        return split(self._lines, delimiter, first_number=self.first_number + 1)


def claims(source: Source) -> bool:
    """A head of `* key = value` lines, or of `key,value` lines above a table of wells and Cq values."""
    lines = source.text.lines[:LONGEST_HEAD]
    first = next((line for line in lines if line.strip()), "")
    if _MARKED_HEAD.match(first):
        if plain(first.lstrip('"*').partition("=")[0]) in KNOWN or "calibration" in first.casefold():
            return True
        # A head may begin with any key of its version; no other export has these sections below such a head.
        return any(_SECTION.match(line) and _section_name(line) == "results" for line in source.text.lines)
    if _SECTION.match(first.strip('"')):
        return _section_name(first) in ("results", "sample setup")
    delimiter = delimiter_of(lines)
    if delimiter is None:
        return False
    rows = split(lines, delimiter)
    heading = results_heading(rows)
    if heading is None:
        return False
    words = {plain(str(each)) for each in rows[heading].cells}
    if first.startswith("SDS ") or words & OF_OTHERS or ("cq" in words and not words & TARGET_NAMES):
        return False
    head = any(plain(str(row.cells[0]).lstrip("*")) in KNOWN for row in rows[:heading] if row.cells)
    return head or ("target name" in words and bool({"task", "reporter", "sample name"} & words))


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read the section of results. Raises UserError: I002 cut short, I003 undecidable, I020 no results in it."""
    text = source.text
    head_lines, sections = _sections(text.lines)
    results = next((each for each in sections if plain(each.name) == "results"), None)
    if results is None:
        raise UserError("I020", part="The section [Results]")
    heading = results_heading(results.rows)
    if heading is None:
        raise UserError("I020", place=Place(row=results.first_number), part="The heading of the results")
    head = new_head()
    for line in head_lines:
        head.add_row(line)
    block = results_block(results.rows, heading)
    table = block.table
    grid = Grid(sheet=None, rows=results.rows, may_be_cut=not text.ends_with_line_break)
    end_issues = check_end(table, grid)
    order = head.date_order(options.date_order)
    numbers = decide_numbers(numeric_cells(table, HEADINGS), options.decimal_mark)
    found = read_results(table, numbers, lambda: _last_cycle(sections))
    if not found.readings:
        raise UserError("I020", place=table.heading_place, part="Every result below the headings")
    started, started_issues = head.run_started_at(order)
    for line in block.trailer:
        head.add_row(line)
    unread = (
        *(f"[{each.name}]" for each in sections if each is not results and not each.is_empty),
        *table.unread(),
        *head.unread,
    )
    return file_reading(
        source,
        _FORMAT,
        readings=found.readings,
        issues=(
            *end_issues,
            *started_issues,
            *found.issues,
            *skipped(block),
            *(_second_results(each) for each in sections if each is not results and plain(each.name) == "results"),
            *_missing_wells(sections, table),
            *not_read(unread),
        ),
        unread=unread,
        headings=table.headings,
        instrument=head.get("instrument type"),
        run_started_at=started,
        run_name=head.get("experiment name"),
        locale=locale_sentence(numbers, order, text.encoding),
        properties=head.properties,
    )


def _section_name(line: str) -> str:
    match = _SECTION.match(line.strip().strip('"'))
    return plain(match[1]) if match else ""


def _sections(lines: Sequence[str]) -> tuple[list[Row], list[_Section]]:
    """The head's lines, and the sections with their own. A table without section marks is one of results."""
    marks = [index for index, line in enumerate(lines) if line.lstrip('" ').startswith("[") and _section_name(line)]
    if not marks:
        delimiter = delimiter_of(lines[:LONGEST_HEAD]) or "\t"
        rows = split(lines, delimiter)
        heading = results_heading(rows)
        if heading is None:
            return rows, []
        results = _Section("Results", (), rows[heading].number)
        results.rows = rows[heading:]
        return rows[:heading], [results]
    sections = []
    for start, end in zip(marks, [*marks[1:], len(lines)], strict=True):
        match = _SECTION.match(lines[start].strip().strip('"'))
        assert match is not None  # marks are lines that match
        sections.append(_Section(match[1].strip(), lines[start + 1 : end], start + 1))
    head = split(lines[: marks[0]], delimiter_of(lines[: marks[0]]) or "\t")
    return head, sections


def _second_results(section: _Section) -> Issue:
    detail = "A second section [Results] was not read"
    return Issue(code="I024", place=Place(row=section.first_number), parameters={"detail": detail})


def _missing_wells(sections: Sequence[_Section], table: Table) -> list[Issue]:
    """I021 when the plate's set-up names more wells with a target than the results hold."""
    setup = next((each for each in sections if plain(each.name) == "sample setup"), None)
    if setup is None or setup.is_empty:
        return []
    words = [plain(str(each)) for each in setup.rows[0].cells]
    target = next(
        (words.index(name) for name in ("target name", "snp assay name", "detector name") if name in words), None
    )
    if target is None:
        return []
    declared = sum(
        1
        for line in setup.rows[1:]
        if len(line.cells) > target and str(line.cells[target]).strip() and is_well(line.cells[0])
    )
    if declared <= len(table.rows):
        return []
    return [
        Issue(
            code="I021",
            place=table.heading_place,
            parameters={"declared": declared, "what": "wells with a target", "read": len(table.rows)},
        )
    ]


def _last_cycle(sections: Sequence[_Section]) -> int | None:
    """The number of cycles run, from the amplification data; None when they were not exported."""
    data = next((each for each in sections if plain(each.name) == "amplification data"), None)
    if data is None or data.is_empty:
        return None
    words = [plain(str(each)) for each in data.rows[0].cells]
    if "cycle" not in words:
        return None
    index = words.index("cycle")
    return max((cycle_of(row.cells[index]) for row in data.rows[1:] if len(row.cells) > index), default=0) or None
