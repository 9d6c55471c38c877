"""What no measurement can be: below nothing, above the whole. An issue for the person, never a correction."""

from __future__ import annotations

from collections.abc import Sequence

from labmon.domain.issue import Issue
from labmon.domain.reading import Reading, ReadingKind

_NEVER_NEGATIVE = (
    ReadingKind.QUANTITY,
    ReadingKind.QUANTITY_MEAN,
    ReadingKind.R2,
    ReadingKind.CONCENTRATION,
    ReadingKind.DNA_NG_PER_UL,
    ReadingKind.PERCENT_OF_PARENT,
    ReadingKind.PERCENT_OF_TOTAL,
)
_PARTS = (ReadingKind.R2, ReadingKind.PERCENT_OF_PARENT, ReadingKind.PERCENT_OF_TOTAL)
_WHOLE = {ReadingKind.R2: 1.0, ReadingKind.PERCENT_OF_PARENT: 100.0, ReadingKind.PERCENT_OF_TOTAL: 100.0}


def beyond_bounds(readings: Sequence[Reading]) -> list[Issue]:
    """One I014 for each reading outside what is physically possible; the value stays as it stands."""
    issues = []
    for reading in readings:
        value = reading.value
        # Most readings are neither negative nor of a kind that is part of a whole: they pass without a look-up.
        if not isinstance(value, float) or 0.0 <= value <= 1.0:
            continue
        is_negative = value < 0.0 and reading.kind in _NEVER_NEGATIVE
        is_beyond = reading.kind in _PARTS and value > _WHOLE[reading.kind]
        if is_negative or is_beyond:
            whole = _WHOLE.get(reading.kind)
            issues.append(
                Issue(
                    code="I014",
                    place=reading.place,
                    parameters={
                        "what": f"The {reading.kind.value.replace('_', ' ')}",
                        "value": reading.raw,
                        "low": "0",
                        "high": "any" if whole is None else f"{whole:g}",
                    },
                )
            )
    return issues
