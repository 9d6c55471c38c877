"""The table of rearrangements that the immunoSEQ Analyzer exports, of its first version and of later ones."""

from __future__ import annotations

from dataclasses import replace

from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.rearrangements import Count, Layout, claims_layout, read_layout
from labmon.instruments.source import Source

_EITHER = ("count (templates/reads)",)
"""The first version's heading for templates, or for reads where the kit did not count templates."""
_LAYOUT = Layout(
    format_id="immunoseq",
    needed=(
        ("rearrangement", "nucleotide"),
        ("amino acid", "aminoacid"),
        ("templates", "productive frequency", "frequency", "frequencycount (%)", "count (templates)", *_EITHER),
        ("v resolved", "v gene", "v family", "vgenename", "vmaxresolved", "vfamilyname"),
    ),
    sequence=("rearrangement", "nucleotide"),
    sample=("sample name",),
    counts=(
        Count(
            kind=ReadingKind.TEMPLATES,
            headings=("templates", "seq templates", "count (templates)", *_EITHER),
            unit="templates",
        ),
        Count(kind=ReadingKind.READS, headings=("reads", "seq reads", "count (reads)"), unit="reads"),
        Count(kind=ReadingKind.FREQUENCY, headings=("frequency",)),
        Count(kind=ReadingKind.FREQUENCY, headings=("frequencycount (%)",), unit="%"),
        Count(kind=ReadingKind.PRODUCTIVE_FREQUENCY, headings=("productive frequency",)),
    ),
)


def claims(source: Source) -> bool:
    """Headings for the rearrangement, its amino acids, its genes and a count."""
    return claims_layout(source, _LAYOUT)


def read(source: Source, options: ReadOptions) -> FileReading:
    """Templates, reads and frequencies of each rearrangement. Raises UserError: I002, I003, I020."""
    reading = read_layout(source, options, _LAYOUT)
    first = next((each for each in reading.readings if (each.place.heading or "").casefold() in _EITHER), None)
    if first is None:
        return reading
    doubt = Issue(code="M404", place=first.place._replace(row=None), parameters={"what": first.place.heading or ""})
    return replace(reading, issues=(*reading.issues, doubt))
