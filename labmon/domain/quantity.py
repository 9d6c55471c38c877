"""A measured value is a number, a unit and a state; "not detected" is never zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class ValueState(StrEnum):
    """What is known about a value (domain reference, `value_state`); the same words in code, database and exports."""

    QUANTIFIED = "quantified"
    DETECTED_BELOW_LLOQ = "detected_below_lloq"
    NOT_DETECTED = "not_detected"
    ABOVE_ULOQ = "above_uloq"
    NO_RESULT = "no_result"
    INVALID = "invalid"

    @property
    def is_blq(self) -> bool:
        """Below the limit of quantification, detected or not."""
        return self in (ValueState.DETECTED_BELOW_LLOQ, ValueState.NOT_DETECTED)

    @property
    def is_evaluable(self) -> bool:
        """Says something about the patient; no_result and invalid neither confirm nor break a series."""
        return self not in (ValueState.NO_RESULT, ValueState.INVALID)


class Unit(StrEnum):
    """The units labmon keeps; the value is the spelling in records and exports, `symbol` the one on screen."""

    COPIES_PER_UG_DNA = "copies/ug"
    COPIES_PER_UL_BLOOD = "copies/uL"
    COPIES_PER_REACTION = "copies/reaction"
    NG_PER_UL = "ng/uL"
    UG_PER_UL_BLOOD = "ug/uL"
    CELLS_PER_UL = "cells/uL"
    PERCENT = "%"
    FRACTION = "fraction"
    CELLS_10E9_PER_L = "10e9/L"

    @property
    def symbol(self) -> str:
        return _SYMBOLS.get(self, self.value.replace("u", "µ"))


_SYMBOLS = {
    Unit.COPIES_PER_UG_DNA: "copies/µg",
    Unit.COPIES_PER_UL_BLOOD: "copies/µL",
    Unit.COPIES_PER_REACTION: "copies/reaction",
    Unit.CELLS_PER_UL: "cells/µL",
    Unit.FRACTION: "",
    Unit.PERCENT: "%",
    Unit.CELLS_10E9_PER_L: "10⁹/L",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A value with unit, state and the limits of its own run.

    `value` is a finite, non-negative number exactly when `state` is quantified, and None otherwise: a number measured
    below the LLOQ or above the ULOQ stays with the readings it came from and is never a result.
    """

    value: float | None
    unit: Unit
    state: ValueState
    lod: float | None = None
    lloq: float | None = None
    uloq: float | None = None

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.state is ValueState.QUANTIFIED):
            raise ValueError(f"a {self.state} quantity cannot carry the value {self.value!r}")
        if self.value is not None and (not math.isfinite(self.value) or self.value < 0):
            raise ValueError(f"a quantity is a finite number of at least zero, not {self.value!r}")

    @classmethod
    def from_measurement(
        cls,
        measured: float,
        unit: Unit,
        *,
        lod: float | None = None,
        lloq: float | None = None,
        uloq: float | None = None,
    ) -> Quantity:
        """Classify a measured number by its limits: below LOD, below LLOQ, in range, above ULOQ."""
        value: float | None = None
        if uloq is not None and measured > uloq:
            state = ValueState.ABOVE_ULOQ
        elif lod is not None and measured < lod:
            state = ValueState.NOT_DETECTED
        elif lloq is not None and measured < lloq:
            state = ValueState.DETECTED_BELOW_LLOQ
        else:
            state, value = ValueState.QUANTIFIED, measured
        return cls(value=value, unit=unit, state=state, lod=lod, lloq=lloq, uloq=uloq)

    @classmethod
    def without_value(
        cls,
        state: ValueState,
        unit: Unit,
        *,
        lod: float | None = None,
        lloq: float | None = None,
        uloq: float | None = None,
    ) -> Quantity:
        return cls(value=None, unit=unit, state=state, lod=lod, lloq=lloq, uloq=uloq)
