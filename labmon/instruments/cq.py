"""What all readers of Cq values share: words, numbers that are no Cq, means and quantities held against wells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from labmon.domain.issue import Issue
from labmon.domain.reading import Reading, ReadingKind, Task
from labmon.instruments.tables import cell_text
from labmon.instruments.words import plain
from labmon.instruments.workbook import Cell

_REPLICATE = re.compile(r"(?<=[a-z]) ?[0-9]+\Z")
WELL_NUMBER = re.compile(r"[0-9]{1,5}(?:\.0)?")
WELL_POSITION = re.compile(r"([A-Za-z]{1,2})0*([1-9][0-9]?)")
NO_CQ = frozenset({"undetermined", "undet.", "undet", "na", "n/a", "nan", "no ct", "no cq", "no cp", "no amp"})
"""How programs print that no Cq was found."""
BLANK = frozenset({"", "na", "n/a", "nan", "-", "undetermined"})
"""How programs leave a number out."""
_TASKS = {
    "unknown": Task.UNKNOWN,
    "unkn": Task.UNKNOWN,
    "sample": Task.UNKNOWN,
    "target": Task.UNKNOWN,
    "endogenous control": Task.UNKNOWN,
    "endo": Task.UNKNOWN,
    "standard": Task.STANDARD,
    "std": Task.STANDARD,
    "ntc": Task.NTC,
    "no template control": Task.NTC,
    "non template control": Task.NTC,
    "nc": Task.NEGATIVE_CONTROL,
    "nac": Task.NEGATIVE_CONTROL,
    "neg": Task.NEGATIVE_CONTROL,
    "negative": Task.NEGATIVE_CONTROL,
    "neg ctrl": Task.NEGATIVE_CONTROL,
    "nrt": Task.NEGATIVE_CONTROL,
    "no rt": Task.NEGATIVE_CONTROL,
    "pc": Task.POSITIVE_CONTROL,
    "pos": Task.POSITIVE_CONTROL,
    "positive": Task.POSITIVE_CONTROL,
    "pos ctrl": Task.POSITIVE_CONTROL,
}
_DECIMALS = re.compile(r"[.,]([0-9]*)\s*\Z")
_POWER = re.compile(r"[+-]?[0-9]{1,2}")
_PLACEHOLDER_WITHOUT_QUANTITY = 40.0
"""How several programs print "no Cq"; beside a quantity it is a Cq, unless the run is known to end there."""
_PLACEHOLDER = 50.0
"""How others print it, whatever stands beside it."""
SHORTEST_RUN = 35.0
"""Cycles. The curves, ten times as long as the results, are searched for their last cycle only from here."""
_CURVE_TOLERANCE = 0.02
"""Relative: slope and intercept are printed with three decimals, over some ten decades. It judges the file's
arithmetic, no specimen; what an assay allows between a quantity and a curve it fits itself is its definition's."""


@dataclass(slots=True, kw_only=True)
class MeasuredWell:
    """The readings of one well and target that check one another."""

    cq: Reading
    mean: Reading | None = None
    sd: Reading | None = None
    quantity: Reading | None = None


@lru_cache(maxsize=1024)
def task_of(text: str) -> Task | None:
    """What a well was for; None for words that are none of the five (internal controls, say).

    A number behind the words counts replicates: "Unkn-01", "Std-3", "Pos Ctrl-2".
    """
    words = _REPLICATE.sub("", plain(text).replace("_", " ").replace("-", " "))
    if words in _TASKS:
        return _TASKS[words]
    if words.startswith(("positive control", "positiv kontroll", "pc allele")):
        return Task.POSITIVE_CONTROL
    return Task.NEGATIVE_CONTROL if words.startswith(("negative control", "negativ kontroll")) else None


def is_yes(cell: Cell) -> bool:
    """Whether a flag column says yes, be it as a truth value, a number or a word."""
    if isinstance(cell, str):
        return cell.strip().casefold() in ("true", "yes", "y", "1", "1.0", "omit", "omitted", "excluded", "x")
    return bool(cell)


def is_well(cell: Cell) -> bool:
    """Whether a cell names a well, by number or by position: 1, 1.0, A1, A01."""
    if type(cell) is float:
        return cell > 0 and cell.is_integer()
    text = cell_text(cell)
    return bool(WELL_NUMBER.fullmatch(text) or WELL_POSITION.fullmatch(text))


def well_position(text: str) -> str | None:
    """A well as the plate names it: "A01" is "A1", "1.0" is "1"."""
    match = WELL_POSITION.fullmatch(text)
    if match:
        return match[1].upper() + match[2]
    return text.removesuffix(".0") or None


def is_no_cq(number: float, last_cycle: Callable[[], int | None], has_quantity: Callable[[], bool]) -> bool:
    """Whether a printed number means "no Cq": none can be at or below 0, nor at or after the last cycle run.

    `last_cycle` is asked only when the number is as late as a run may end; where it is not known, what other programs
    print for "no Cq" is none.
    """
    if number <= 0 or number == _PLACEHOLDER:
        return True
    if number < SHORTEST_RUN:
        return False
    last = last_cycle()
    if last is not None:
        return number >= last
    return number == _PLACEHOLDER_WITHOUT_QUANTITY and not has_quantity()


def mean_issues(wells: Sequence[MeasuredWell], tolerance: float) -> Iterator[Issue]:
    """Q102 for a mean that leaves wells out; Q112 and Q115 for a mean and a standard deviation its wells do not give.

    `tolerance` in cycles: what two numbers rounded as the file rounds them differ by.
    """
    by_sample: dict[tuple[str, str | None], list[MeasuredWell]] = defaultdict(list)
    by_mean: dict[tuple[str | None, str | None, object], list[MeasuredWell]] = defaultdict(list)
    for well in wells:
        if well.cq.is_omitted:
            continue
        if well.cq.sample is not None:
            by_sample[well.cq.sample, well.cq.target].append(well)
        if well.mean is not None and well.cq.value is not None:
            by_mean[well.cq.sample, well.cq.target, well.mean.value].append(well)
    for group in by_sample.values():
        detected = sum(well.cq.value is not None for well in group)
        mean = next((well.mean for well in group if well.mean is not None), None)
        if mean is not None and 0 < detected < len(group):
            yield Issue(code="Q102", place=mean.place, parameters={"detected": detected, "total": len(group)})
    for group in by_mean.values():
        mean = group[0].mean
        values = [well.cq.value for well in group if isinstance(well.cq.value, float)]
        if mean is None or not isinstance(mean.value, float):
            continue
        computed = sum(values) / len(values)
        if abs(computed - mean.value) > tolerance:
            yield Issue(
                code="Q112",
                place=mean.place,
                parameters={
                    "printed": mean.raw,
                    "what": " ".join(each for each in (mean.sample, mean.target) if each) or "these wells",
                    "computed": f"{computed:.3f}",
                    "wells": len(values),
                },
            )
        sd = group[0].sd
        if sd is None or not isinstance(sd.value, float):
            continue
        deviation = sqrt(sum((value - computed) ** 2 for value in values) / max(len(values) - 1, 1))
        if abs(deviation - sd.value) > tolerance:
            yield Issue(
                code="Q115",
                place=sd.place,
                parameters={
                    "printed": sd.raw,
                    "what": " ".join(each for each in (sd.sample, sd.target) if each) or "these wells",
                    "computed": f"{deviation:.3f}",
                    "wells": len(values),
                },
            )


def curve_issues(wells: Sequence[MeasuredWell], readings: Sequence[Reading]) -> Iterator[Issue]:
    """Q104 for each unknown whose printed quantity is not what the printed curve gives."""
    slopes: dict[str | None, set[float]] = defaultdict(set)
    intercepts: dict[str | None, set[float]] = defaultdict(set)
    # Named once: looking a member up in its class takes as long as all else of a turn of these loops.
    slope, intercept, standard = ReadingKind.SLOPE, ReadingKind.INTERCEPT, Task.STANDARD
    for reading in readings:
        kind = reading.kind
        if kind is slope and isinstance(reading.value, float):
            slopes[reading.target].add(reading.value)
        elif kind is intercept and isinstance(reading.value, float):
            intercepts[reading.target].add(reading.value)
    curves = {
        target: (*slopes[target], *intercepts[target])
        for target in slopes
        if len(slopes[target]) == 1 and len(intercepts[target]) == 1
    }
    for well in wells:
        curve = curves.get(well.cq.target)
        if curve is None or well.quantity is None or well.cq.task is standard:
            continue
        cq, printed = well.cq.value, well.quantity.value
        if not isinstance(cq, float) or not isinstance(printed, float):
            continue
        computed = _quantity(cq, *curve)
        if computed is None:
            continue
        off = abs(printed - computed)
        if off > _CURVE_TOLERANCE * max(computed, printed) and off > _rounding(well.quantity.raw):
            yield Issue(
                code="Q104",
                place=well.quantity.place,
                parameters={"printed": well.quantity.raw, "computed": f"{computed:.6g}"},
            )


def _rounding(raw: str) -> float:
    """Half of the last place a number is printed with: 0.5 for "3", 500 for "1.01E+05"."""
    digits, _, exponent = raw.upper().partition("E")
    found = _DECIMALS.search(digits)
    decimals = len(found[1]) if found else 0
    power = int(exponent) if _POWER.fullmatch(exponent) else 0
    return 0.5 * 10.0 ** (power - decimals)


def _quantity(cq: float, slope: float, intercept: float) -> float | None:
    exponent = (cq - intercept) / slope if slope else 1000.0
    return 10.0**exponent if abs(exponent) < 300 else None
