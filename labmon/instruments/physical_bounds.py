"""What no measurement can be: below nothing, above the whole. An issue for the person, never a correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType

from labmon.domain.issue import Issue
from labmon.domain.reading import Reading, ReadingKind

_HIGHEST: Mapping[ReadingKind, float] = MappingProxyType(
    {
        ReadingKind.CQ: 60.0,  # cycles: no thermal cycler's protocol for qPCR is longer
        ReadingKind.QUANTITY: inf,
        ReadingKind.QUANTITY_MEAN: inf,
        ReadingKind.R2: 1.0,
        ReadingKind.CONCENTRATION: inf,
        ReadingKind.DNA_NG_PER_UL: inf,
        ReadingKind.PERCENT_OF_PARENT: 100.0,
        ReadingKind.PERCENT_OF_TOTAL: 100.0,
    }
)
"""What can never be negative, with the highest it can be."""
_NAMES = {ReadingKind.CQ: "Cq", ReadingKind.R2: "R²", ReadingKind.DNA_NG_PER_UL: "The DNA concentration"}


def beyond_bounds(readings: Sequence[Reading]) -> list[Issue]:
    """One I014 for each reading outside what is physically possible; the value stays as it stands."""
    issues = []
    r2 = ReadingKind.R2
    lowest_end = min(highest for kind, highest in _HIGHEST.items() if kind is not r2)
    for reading in readings:
        value = reading.value
        # Most readings are below every end but that of R²: they pass without a look-up.
        if not isinstance(value, float) or 0.0 <= value <= 1.0:
            continue
        if 1.0 < value <= lowest_end and reading.kind is not r2:
            continue
        highest = _HIGHEST.get(reading.kind)
        if highest is None or 0.0 <= value <= highest:
            continue
        words = reading.kind.value.replace("_", " ")
        issues.append(
            Issue(
                code="I014",
                place=reading.place,
                parameters={
                    "what": _NAMES.get(reading.kind, f"The {words}"),
                    "value": reading.raw,
                    "low": "0",
                    "high": "∞" if highest == inf else f"{highest:g}",
                },
            )
        )
    return issues
