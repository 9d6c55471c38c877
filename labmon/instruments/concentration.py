"""Mass concentrations in nanograms per microlitre, which assays measure double-stranded DNA, and what is none."""

from __future__ import annotations

from collections.abc import Iterator

from labmon.domain.issue import Issue, Place
from labmon.instruments.words import plain, unit

_PER_NG_PER_UL = {
    "ng/uL": 1.0,
    "ug/mL": 1.0,
    "mg/L": 1.0,
    "ng/mL": 1000.0,
    "pg/uL": 1000.0,
    "ug/uL": 0.001,
    "mg/mL": 0.001,
    "pg/mL": 1_000_000.0,
}


def ng_per_ul(value: float, printed_unit: str) -> float | None:
    """The concentration in ng/uL; None for a unit that is no mass in a volume."""
    factor = _PER_NG_PER_UL.get(unit(printed_unit))
    return None if factor is None else value / factor


def is_dna(assay: str) -> bool:
    """Whether an assay or application measures double-stranded or genomic DNA; RNA, protein, oligos are not."""
    words = plain(assay)
    return "dna" in words and not any(other in words for other in ("ssdna", "ss dna", "single", "oligo", "cdna"))


def no_dna_issues(assay: str, value: float | None, raw: str, place: Place) -> Iterator[Issue]:
    """Q107 for a row that gives no DNA concentration: of another assay or an unknown one, without a number, of nothing.

    A number in no unit of mass is another matter (I006), and so is a cell nobody understands (I016).
    """
    if not assay:
        detail = "Whether this is DNA is not stated: the row names no assay"
    elif not is_dna(assay):
        detail = f'"{assay}" does not measure double-stranded DNA'
    elif value is None:
        detail = f'"{raw}" is no concentration' if raw else "The cell of the concentration is empty"
    elif value == 0:
        detail = f'The concentration is {raw}: no DNA was found, and "none" is no denominator'
    else:
        return
    yield Issue(code="Q107", place=place, parameters={"detail": detail})
