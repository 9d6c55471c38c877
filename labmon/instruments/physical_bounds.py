"""What no measurement can be: below nothing, above the whole. An issue for the person, never a correction."""

from __future__ import annotations

from collections.abc import Sequence

from labmon.domain.issue import Issue
from labmon.domain.reading import Reading, ReadingKind

_NOTHING = 0.0
_BOUNDS: dict[ReadingKind, tuple[float, float | None]] = {
    ReadingKind.QUANTITY: (_NOTHING, None),
    ReadingKind.QUANTITY_MEAN: (_NOTHING, None),
    ReadingKind.R2: (_NOTHING, 1.0),
    ReadingKind.CONCENTRATION: (_NOTHING, None),
    ReadingKind.DNA_NG_PER_UL: (_NOTHING, None),
    ReadingKind.PERCENT_OF_PARENT: (_NOTHING, 100.0),
    ReadingKind.PERCENT_OF_TOTAL: (_NOTHING, 100.0),
}


def beyond_bounds(readings: Sequence[Reading]) -> list[Issue]:
    """One I014 for each reading outside what is physically possible; the value stays as it stands."""
    return [
        Issue(
            code="I014",
            place=reading.place,
            parameters={
                "what": f"The {reading.kind.value.replace('_', ' ')}",
                "value": reading.raw,
                "low": f"{bounds[0]:g}",
                "high": "any" if bounds[1] is None else f"{bounds[1]:g}",
            },
        )
        for reading in readings
        if (bounds := _BOUNDS.get(reading.kind)) is not None
        and isinstance(reading.value, float)
        and (reading.value < bounds[0] or (bounds[1] is not None and reading.value > bounds[1]))
    ]
