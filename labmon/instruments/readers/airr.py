"""Rearrangement tables by the schema of the AIRR Community (.tsv), as many sequencing programs write them."""

from __future__ import annotations

from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.rearrangements import Count, Layout, claims_layout, read_layout
from labmon.instruments.source import Source

_LAYOUT = Layout(
    format_id="airr",
    needed=(("sequence id",), ("v call",), ("j call",), ("junction", "productive", "rev comp", "sequence alignment")),
    sequence=("sequence id",),
    sample=("sample id", "sample", "sample name", "repertoire id"),
    counts=(
        Count(kind=ReadingKind.DUPLICATE_COUNT, headings=("duplicate count",), unit="reads"),
        Count(kind=ReadingKind.CONSENSUS_COUNT, headings=("consensus count",), unit="reads"),
        Count(kind=ReadingKind.UMI_COUNT, headings=("umi count",), unit="molecules"),
    ),
    counts_rows=True,
)


def claims(source: Source) -> bool:
    """Headings of the schema's required fields."""
    return claims_layout(source, _LAYOUT)


def read(source: Source, options: ReadOptions) -> FileReading:
    """How often each rearrangement was seen, and how many there are. Raises UserError: I002, I003, I020."""
    return read_layout(source, options, _LAYOUT)
