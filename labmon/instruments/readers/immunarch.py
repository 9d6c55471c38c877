"""The table of clonotypes that immunarch saves: clones, their proportion and their CDR3."""

from __future__ import annotations

from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.rearrangements import Count, Layout, claims_layout, read_layout
from labmon.instruments.source import Source

_LAYOUT = Layout(
    format_id="immunarch",
    needed=(("clones",), ("proportion",), ("cdr3 nt", "cdr3 aa")),
    sequence=("cdr3 nt", "cdr3 aa"),
    sample=("sample",),
    counts=(
        Count(kind=ReadingKind.READS, headings=("clones",), unit="clones"),
        Count(kind=ReadingKind.FREQUENCY, headings=("proportion",)),
    ),
)


def claims(source: Source) -> bool:
    """Headings Clones and Proportion beside a CDR3."""
    return claims_layout(source, _LAYOUT)


def read(source: Source, options: ReadOptions) -> FileReading:
    """Count and proportion of each clonotype. Raises UserError: I002, I003, I020."""
    return read_layout(source, options, _LAYOUT)
