"""What automated cell counters print, whoever makes them: cells counted, cells per millilitre, viability, diameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from labmon.domain.issue import Issue, Place
from labmon.domain.reading import Qualifier, Reading, ReadingKind
from labmon.instruments.locale import NumberFormat
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_VIABILITY_TOLERANCE_POINTS = 0.6
"""Percentage points: concentrations are printed with three figures, and viability with one decimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a sample."""

    kind: ReadingKind
    target: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One number as it stands in a file."""

    measure: Measure
    cell: Cell
    raw: str
    place: Place


_TOTAL, _VIABLE, _DEAD = "total cells", "viable cells", "nonviable cells"
_PER_ML, _MILLIONS = "cells/mL", "10^6 cells/mL"
_MEASURES = {
    words: Measure(kind=kind, target=target, unit=unit)
    for kind, target, unit, headings in (
        (ReadingKind.STATISTIC, _TOTAL, "cells", ("cellcount", "totalcells")),
        (ReadingKind.STATISTIC, _VIABLE, "cells", ("viablecells",)),
        (ReadingKind.STATISTIC, _DEAD, "cells", ("nonviablecells",)),
        (
            ReadingKind.CONCENTRATION,
            _TOTAL,
            _MILLIONS,
            ("total(x10^6)cells/ml", "totalcells/ml(x10^6)", "totalcells(x10^6)/ml", "totalcells/ml(10^6)"),
        ),
        (
            ReadingKind.CONCENTRATION,
            _VIABLE,
            _MILLIONS,
            ("viable(x10^6)cells/ml", "totalviablecells/ml(x10^6)", "viablecells/ml(x10^6)", "viablecells(x10^6)/ml"),
        ),
        (ReadingKind.CONCENTRATION, _TOTAL, _PER_ML, ("total(cells/ml)", "totalcells/ml")),
        (ReadingKind.CONCENTRATION, _VIABLE, _PER_ML, ("live(cells/ml)", "viable(cells/ml)", "viablecells/ml")),
        (ReadingKind.CONCENTRATION, _DEAD, _PER_ML, ("dead(cells/ml)", "nonviable(cells/ml)")),
        (ReadingKind.STATISTIC, "viability", "%", ("viability(%)", "viability")),
        (
            ReadingKind.STATISTIC,
            "average diameter",
            "um",
            (
                "averagediameter(um)",
                "averagediameter(microns)",
                "avg.diam.(microns)",
                "avg.diam.(um)",
                "estimatedcelldiameter(um)",
                "diameter(um)",
            ),
        ),
    )
    for words in headings
}


def measure_of(heading: str) -> Measure | None:
    """What a heading or label says is counted; None for one nobody reads."""
    return _MEASURES.get(plain(heading).replace(" ", "").removesuffix(":"))


def readings_of(
    printed: Iterable[Printed], sample: str | None, numbers: NumberFormat, issues: list[Issue]
) -> Iterator[Reading]:
    """One sample's readings; what could not be read, and a viability its cells do not give, are issues."""
    found: list[Reading] = []
    for each in printed:
        value = numbers.parse(each.cell)
        if value is None and any(sign.isdigit() for sign in each.raw):
            parameters = {"raw": each.raw, "what": each.measure.target}
            issues.append(Issue(code="I016", place=each.place, parameters=parameters))
        found.append(
            Reading(
                kind=each.measure.kind,
                place=each.place,
                value=value,
                raw=each.raw,
                sample=sample,
                target=each.measure.target,
                unit=each.measure.unit,
                qualifier=Qualifier.NOT_COMPUTED if value is None else None,
            )
        )
    issues.extend(_contradictions(found))
    yield from found


def _contradictions(readings: Sequence[Reading]) -> Iterator[Issue]:
    """F307 for more viable cells than cells, I026 for a viability that is not their part."""
    printed = next((each for each in readings if each.target == "viability"), None)
    for unit in ("cells", _PER_ML, _MILLIONS):
        of = {each.target: each for each in readings if each.unit == unit}
        total, viable = (_number(of.get(target)) for target in (_TOTAL, _VIABLE))
        if total is None or viable is None:
            continue
        if viable > total:
            parameters = {
                "child": _VIABLE,
                "child_count": f"{viable:g}",
                "parent": _TOTAL,
                "parent_count": f"{total:g}",
            }
            yield Issue(code="F307", place=of[_VIABLE].place, parameters=parameters)
        elif total and printed is not None and unit == "cells":
            stated, computed = _number(printed), 100 * viable / total
            if stated is not None and abs(stated - computed) > _VIABILITY_TOLERANCE_POINTS:
                parameters = {"what": "Viability", "printed": f"{stated:g} %", "computed": f"{computed:.1f} %"}
                yield Issue(code="I026", place=printed.place, parameters=parameters)


def _number(reading: Reading | None) -> float | None:
    return reading.value if reading is not None and isinstance(reading.value, float) else None
