"""Mass concentrations in nanograms per microlitre, and which assays measure double-stranded DNA."""

from __future__ import annotations

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
