"""A limit of a protocol: a comparison, a number with unit, where it comes from; answers yes, no or "cannot say"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from labmon.domain import wording
from labmon.domain.finding import Threshold
from labmon.domain.quantity import Quantity, Unit, ValueState

_LAST_BITS = 1e-9
"""A percentage computed from counts must not miss its limit by the last bits of a float: 3.0 % is 3.0 %."""

_UNITS = {unit.value: unit for unit in Unit}


class Comparison(StrEnum):
    __hash__ = str.__hash__  # Enum's own is a Python function, and limits are looked up by it all day

    BELOW = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    ABOVE = ">"

    @property
    def symbol(self) -> str:
        return {"<=": "≤", ">=": "≥"}.get(self.value, self.value)

    @property
    def words(self) -> str:
        return {"<": "below", "<=": "at most", ">=": "at least", ">": "above"}[self.value]


_WITH_EQUAL = (Comparison.AT_MOST, Comparison.AT_LEAST)
_UPWARDS = (Comparison.ABOVE, Comparison.AT_LEAST)


class SourceStatus(StrEnum):
    """How sure the source of a number is."""

    __hash__ = str.__hash__

    SOURCED = "S"
    MEASURED = "M"
    UNVERIFIED = "U"
    OWN_CHOICE = "O"

    @property
    def label(self) -> str:
        return {"S": "sourced", "M": "measured", "U": "unverified", "O": "labmon's own choice"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One number a protocol owns."""

    comparison: Comparison
    value: float
    unit: str
    source: str
    status: SourceStatus

    def holds(self, number: float) -> bool:
        """Whether a plain number is on the limit's side; equality counts as such up to the last bits."""
        if number == self.value or math.isclose(number, self.value, rel_tol=_LAST_BITS, abs_tol=0.0):
            return self.comparison in _WITH_EQUAL
        return (number > self.value) is (self.comparison in _UPWARDS)

    def holds_for(self, quantity: Quantity) -> bool | None:
        """Whether a quantity is on the limit's side; None when its state leaves both possible.

        "Detected, below LLOQ" is below a limit only if the limit is at least the LLOQ, and above zero always.
        """
        if quantity.state is ValueState.QUANTIFIED:
            assert quantity.value is not None  # held by Quantity
            return self.holds(quantity.value)
        low, high = _bounds(quantity)
        if high is not None and (verdict := self.holds_up_to(high)) is not None:
            return verdict
        if low is None:
            return None
        if low > self.value and not math.isclose(low, self.value, rel_tol=_LAST_BITS):
            return self.comparison in (Comparison.AT_LEAST, Comparison.ABOVE)
        if math.isclose(low, self.value, rel_tol=_LAST_BITS):
            if low == 0:  # whatever is detected is more than nothing
                return self.comparison in (Comparison.AT_LEAST, Comparison.ABOVE)
            return {Comparison.AT_LEAST: True, Comparison.BELOW: False}.get(self.comparison)
        return None

    def holds_up_to(self, bound: float) -> bool | None:
        """Whether everything from zero up to `bound` is on the limit's side; None when only some of it is."""
        if bound < self.value or math.isclose(bound, self.value, rel_tol=_LAST_BITS):
            return self.comparison in (Comparison.BELOW, Comparison.AT_MOST)
        return None

    @property
    def text(self) -> str:
        """The limit as people write it: "< 50 copies/µg"."""
        return _text(self.comparison, self.value, self.unit)

    @property
    def words(self) -> str:
        """The limit as people say it: "below 50 copies/µg"."""
        return f"{self.comparison.words} {self.amount}"

    @property
    def amount(self) -> str:
        """The number with its unit: "50 copies/µg", "35 d", "10⁻⁴"."""
        return _amount(self.value, self.unit)

    @property
    def days(self) -> int:
        """The number of a limit counted in whole days."""
        return round(self.value)

    def threshold(self, name: str) -> Threshold:
        return _threshold(self, name)


@lru_cache(maxsize=4096)  # a protocol has some fifty limits; a cohort words each of them thousands of times
def _amount(value: float, unit: str) -> str:
    known = _UNITS.get(unit)
    if known is not None:
        return wording.limit_amount(value, known)
    return f"{wording.limit(value)}{wording.NO_BREAK_SPACE}{unit}"


@lru_cache(maxsize=4096)
def _text(comparison: Comparison, value: float, unit: str) -> str:
    return f"{comparison.symbol}{wording.NO_BREAK_SPACE}{_amount(value, unit)}"


@lru_cache(maxsize=4096)
def _threshold(limit: Limit, name: str) -> Threshold:
    source = f"{limit.source} ({limit.status.label})"
    return Threshold(name=name, value=limit.value, unit=limit.unit, source=source)


def _bounds(quantity: Quantity) -> tuple[float | None, float | None]:
    """Where a quantity without a number lies: low <= x < high; None on a side nothing is known about."""
    match quantity.state:
        case ValueState.DETECTED_BELOW_LLOQ:
            return (quantity.lod if quantity.lod is not None else 0.0), quantity.lloq
        case ValueState.NOT_DETECTED:
            return None, (quantity.lod if quantity.lod is not None else quantity.lloq)
        case ValueState.ABOVE_ULOQ:
            return quantity.uloq, None
        case _:
            return None, None
