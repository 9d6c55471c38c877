"""What every digital PCR table says of one well and target, whoever makes the instrument: copies and partitions.

A concentration is that of the reaction. "No Call" is a result without a number; a well whose every partition is
positive is above what can be counted, whatever number stands there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labmon.domain.issue import Issue
from labmon.domain.reading import Qualifier, Reading, ReadingKind, Task
from labmon.instruments.locale import NumberFormat
from labmon.instruments.tables import Column, Row
from labmon.instruments.words import plain

COPIES_PER_UL = "copies/uL"
UNITS: Mapping[ReadingKind, str] = {
    ReadingKind.CONCENTRATION: COPIES_PER_UL,
    ReadingKind.CONCENTRATION_UNDILUTED: COPIES_PER_UL,
    ReadingKind.CI_LOW: COPIES_PER_UL,
    ReadingKind.CI_HIGH: COPIES_PER_UL,
    ReadingKind.COPIES_PER_20UL_WELL: "copies",
}
_COUNTS = frozenset(
    {
        ReadingKind.ACCEPTED_DROPLETS,
        ReadingKind.POSITIVE_DROPLETS,
        ReadingKind.NEGATIVE_DROPLETS,
        ReadingKind.PARTITIONS_VALID,
        ReadingKind.PARTITIONS_POSITIVE,
        ReadingKind.PARTITIONS_NEGATIVE,
    }
)
_OF_COPIES = frozenset(UNITS) - {ReadingKind.CI_LOW}
_TOTALS = (
    (ReadingKind.ACCEPTED_DROPLETS, ReadingKind.POSITIVE_DROPLETS, ReadingKind.NEGATIVE_DROPLETS),
    (ReadingKind.PARTITIONS_VALID, ReadingKind.PARTITIONS_POSITIVE, ReadingKind.PARTITIONS_NEGATIVE),
)
_NO_CALL = frozenset({"no call", "nocall"})
_NONE = frozenset({"", "-", "n/a", "na", "nan", "none", "null"})
_SCIENTIFIC_COUNT = re.compile(r"[0-9.,]+[eE][+]?[0-9]+")
_DROPLET_VOLUMES_NL = (0.85, 0.91)
"""QX100 and QX200: 0.85 nL since QuantaSoft 1.6, 0.91 nL before; instruments.md 6 checks 9,344 rows with the first."""
_TELLING_POSITIVES = 100
_TOLERANCE = 0.01

_TASKS = {
    "unknown": Task.UNKNOWN,
    "unkn": Task.UNKNOWN,
    "sample": Task.UNKNOWN,
    "reference": Task.UNKNOWN,
    "ref": Task.UNKNOWN,
    "ntc": Task.NTC,
    "blank": Task.NTC,
    "non template control": Task.NTC,
    "no template control": Task.NTC,
    "non-template control": Task.NTC,
    "no-template control": Task.NTC,
    "posctrl": Task.POSITIVE_CONTROL,
    "pos ctrl": Task.POSITIVE_CONTROL,
    "positive": Task.POSITIVE_CONTROL,
    "positive control": Task.POSITIVE_CONTROL,
    "negctrl": Task.NEGATIVE_CONTROL,
    "neg ctrl": Task.NEGATIVE_CONTROL,
    "negative": Task.NEGATIVE_CONTROL,
    "negative control": Task.NEGATIVE_CONTROL,
    "standard": Task.STANDARD,
}


def task_of(words: str) -> Task | None:
    """What a well was for, by the words these programs use; None where they do not tell ("Control")."""
    return _TASKS.get(plain(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose numbers a row holds."""

    well: str | None
    sample: str | None
    target: str | None
    task: Task | None


class PartitionReader:
    """Reads the numbers of rows; what was wrong with them is collected in `issues`."""

    def __init__(self, numbers: NumberFormat, *, no_call_reason: Column | None = None) -> None:
        self.issues: list[Issue] = []
        self._numbers = numbers
        self._reason = no_call_reason

    def read(self, row: Row, columns: Sequence[tuple[ReadingKind, Column]], identity: Identity) -> list[Reading]:
        """The readings of one well and target."""
        found = [self._reading(row, kind, column) for kind, column in columns]
        readings = [
            each._replace(well=identity.well, sample=identity.sample, target=identity.target, task=identity.task)
            for each in found
            if each is not None
        ]
        values = {each.kind: each.value for each in readings if isinstance(each.value, float)}
        if _is_saturated(values):
            readings = [self._above(each) if each.kind in _OF_COPIES and each.value else each for each in readings]
        self.issues.extend(_counts_disagree(readings, values))
        return readings

    def _reading(self, row: Row, kind: ReadingKind, column: Column) -> Reading | None:
        raw, place = row.text(column), column.place(row)
        words = plain(raw)
        if words in _NO_CALL:
            detail = row.text(self._reason) if self._reason is not None else ""
            self.issues.append(
                Issue(code="D203", place=place, parameters={"detail": detail or "The instrument declined to call"})
            )
            return _without_value(kind, column, row, Qualifier.NO_CALL)
        if words in _NONE:
            return _without_value(kind, column, row, Qualifier.NOT_COMPUTED) if _is_main(kind) else None
        value = self._numbers.parse(row[column])
        if value is None:
            parameters = {"raw": raw, "what": kind.replace("_", " ")}
            self.issues.append(Issue(code="I016", place=place, parameters=parameters))
            return _without_value(kind, column, row, None)
        if kind in _COUNTS and isinstance(row[column], str) and _SCIENTIFIC_COUNT.fullmatch(raw):
            self.issues.append(Issue(code="F306", place=place, parameters={"raw": raw}))
            return _without_value(kind, column, row, None)
        return Reading(kind=kind, place=place, value=value, raw=raw, unit=UNITS.get(kind))

    def _above(self, reading: Reading) -> Reading:
        if reading.kind is ReadingKind.CONCENTRATION:
            self.issues.append(Issue(code="D202", place=reading.place))
        return reading._replace(value=None, qualifier=Qualifier.SATURATED)


def _is_main(kind: ReadingKind) -> bool:
    return kind is ReadingKind.CONCENTRATION


def _without_value(kind: ReadingKind, column: Column, row: Row, qualifier: Qualifier | None) -> Reading:
    place = column.place(row)
    return Reading(kind=kind, place=place, value=None, raw=row.text(column), unit=UNITS.get(kind), qualifier=qualifier)


def _is_saturated(values: Mapping[ReadingKind, float]) -> bool:
    """Whether every partition is positive."""
    for total, positive, negative in _TOTALS:
        if negative in values:
            return values[negative] == 0 and values.get(positive, 0) > 0
        if total in values and positive in values:
            return values[total] == values[positive] > 0
    return False


def _counts_disagree(readings: Sequence[Reading], values: Mapping[ReadingKind, float]) -> list[Issue]:
    """I026 when positive and negative partitions are not the accepted ones."""
    issues = []
    for total, positive, negative in _TOTALS:
        if {total, positive, negative} <= values.keys() and values[total] != values[positive] + values[negative]:
            place = next(each.place for each in readings if each.kind is total)
            computed = f"{values[positive] + values[negative]:g}"
            words = total.replace("_", " ").capitalize()
            parameters = {"what": words, "printed": f"{values[total]:g}", "computed": computed}
            issues.append(Issue(code="I026", place=place, parameters=parameters))
    return issues


def droplet_issues(wells: Sequence[Sequence[Reading]]) -> list[Issue]:
    """D205 for each concentration its droplets do not give; D206 when all of them speak of another droplet volume.

    Concentration is -ln(negative / accepted) / volume of a droplet.
    """
    known = [found for readings in wells if (found := _poisson(readings)) is not None]
    implied = [each.copies_per_droplet / each.printed * 1000 for each in known if each.positives >= _TELLING_POSITIVES]

    def agreeing(volume: float) -> int:
        return sum(abs(each - volume) <= _TOLERANCE * volume for each in implied)

    volume = max(_DROPLET_VOLUMES_NL, key=agreeing)
    issues = []
    if 2 * agreeing(volume) < len(implied):
        volume = sorted(implied)[len(implied) // 2]
        first = known[0].concentration.place
        parameters = {"volume": f"{volume:.3g}", "usual": f"{_DROPLET_VOLUMES_NL[0]:g}"}
        issues.append(Issue(code="D206", place=first._replace(row=None, column=None), parameters=parameters))
    for each in known:
        issues.extend(concentration_issues(each.concentration, each.copies_per_droplet, volume))
    return issues


def concentration_issues(concentration: Reading, copies_per_partition: float, volume_nl: float) -> list[Issue]:
    """D205 for a concentration that partitions of this volume do not give."""
    printed, computed = concentration.value, copies_per_partition / volume_nl * 1000
    if not isinstance(printed, float):
        return []
    if abs(computed - printed) <= _rounding(concentration.raw) + _TOLERANCE * computed:
        return []
    parameters = {"printed": concentration.raw, "computed": f"{computed:.4g}"}
    return [Issue(code="D205", place=concentration.place, parameters=parameters)]


@dataclass(frozen=True, slots=True)
class _Poisson:
    concentration: Reading
    printed: float
    positives: float
    copies_per_droplet: float


def _poisson(readings: Sequence[Reading]) -> _Poisson | None:
    by_kind = {each.kind: each for each in readings}
    concentration = by_kind.get(ReadingKind.CONCENTRATION)
    accepted, negative = (
        by_kind[kind].value if kind in by_kind else None
        for kind in (ReadingKind.ACCEPTED_DROPLETS, ReadingKind.NEGATIVE_DROPLETS)
    )
    if concentration is None or not isinstance(concentration.value, float) or concentration.value <= 0:
        return None
    if not isinstance(accepted, float) or not isinstance(negative, float) or not 0 < negative < accepted:
        return None
    return _Poisson(concentration, concentration.value, accepted - negative, -math.log(negative / accepted))


def _rounding(raw: str) -> float:
    """Half of the last decimal place printed."""
    _, mark, decimals = raw.replace(",", ".").partition(".")
    return 0.55 * 10.0 ** -(len(decimals) if mark else 0)
