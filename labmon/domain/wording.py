"""How numbers, quantities and study days are written, the same on screen, in reports and in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from labmon.domain.quantity import Quantity, Unit, ValueState

THIN_SPACE = "\u2009"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """`digits` significant digits, thin spaces from five digits on, a true minus: 376 000, 8.12, −3.38."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{abs(rounded):.{decimals}f}"
    whole, point, rest = text.partition(".")
    if len(whole) >= 5:
        whole = f"{int(whole):,}".replace(",", THIN_SPACE)
    return (MINUS if rounded < 0 else "") + whole + point + rest


def limit(value: float) -> str:
    """A limit or threshold as people write it, without trailing zeros: 50, 0.1, 1000."""
    return _trimmed(number(value, 4))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def digits_beside(value: float, limits: Iterable[float], digits: int = 3) -> int:
    """How many significant digits a value needs so that rounding never moves it onto or over a limit beside it.

    49.999 beside a cutoff of 50 is "49.999", not "50.0"; what differs in the last bits of a float only is equal.
    """
    limits = tuple(limits)
    most = 15  # what a float holds
    while digits < most and any(
        _side(float(f"{value:.{digits - 1}e}"), limit) != _side(value, limit) for limit in limits
    ):
        digits += 1
    return digits


def _side(value: float, limit: float) -> int:
    return 0 if math.isclose(value, limit, rel_tol=1e-9) else 1 if value > limit else -1


def number_beside(value: float, *limits: float) -> str:
    """A number that stands beside the limits it is compared with."""
    return number(value, digits_beside(value, limits))


def count_beside(value: float, *limits: float) -> str:
    """A count or a printed percentage without trailing zeros, beside the limits it is compared with: 21 999."""
    return _trimmed(number(value, digits_beside(value, limits, 4)))


def fraction(value: float, digits: int = 2) -> str:
    """A fraction as a power of ten: 3.1·10⁻⁵; exact powers without the factor: 10⁻⁴; from one in a hundred on 12 %."""
    if value >= 0.01:
        return f"{float(f'{value * 100:.{digits - 1}e}'):.15g}{NO_BREAK_SPACE}%"
    factor, exponent = f"{value:.{digits - 1}e}".split("e")
    factor = _trimmed(factor)
    return power_of_ten(int(exponent)) if factor == "1" else f"{factor}·{power_of_ten(int(exponent))}"


def power_of_ten(exponent: int) -> str:
    """A power as an axis writes it: 10⁻⁴."""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def amount(value: float, unit: Unit, beside: Iterable[float] = ()) -> str:
    """A number with its unit: "41 300 copies/µg", "0.31 %", "3.1·10⁻⁵"; exact enough for limits it stands beside."""
    if unit is Unit.FRACTION and value > 0:
        return fraction(value, digits_beside(value, beside, 2))
    return _with_unit(number(value, digits_beside(value, beside)), value, unit)


def limit_amount(value: float, unit: Unit) -> str:
    """A limit with its unit: "50 copies/µg", "0.1 %"."""
    return _with_unit(limit(value), value, unit)


def _with_unit(text: str, value: float, unit: Unit) -> str:
    if unit is Unit.FRACTION:
        return fraction(value) if value > 0 else "0"
    return f"{text}{NO_BREAK_SPACE}{unit.symbol}"


def quantity(q: Quantity, beside: Iterable[float] = ()) -> str:
    """A quantity in words: "214 copies/µg", "< 50 copies/µg (detected)", "not detected", "above 1 000 000 …".

    `beside`: the limits it is compared with; a value is never rounded onto or over one of them.
    """
    match q.state:
        case ValueState.QUANTIFIED:
            assert q.value is not None  # held by Quantity
            return amount(q.value, q.unit, beside)
        case ValueState.DETECTED_BELOW_LLOQ:
            return (
                f"<{NO_BREAK_SPACE}{limit_amount(q.lloq, q.unit)} (detected)"
                if q.lloq is not None
                else "detected, < LLOQ"
            )
        case ValueState.NOT_DETECTED:
            return "not detected"
        case ValueState.ABOVE_ULOQ:
            return f">{NO_BREAK_SPACE}{limit_amount(q.uloq, q.unit)}" if q.uloq is not None else "above ULOQ"
        case ValueState.NO_RESULT:
            return "no result"
        case ValueState.INVALID:
            return "invalid"


def state(value_state: ValueState) -> str:
    """A value state in words: "detected, below LLOQ"."""
    return {
        ValueState.QUANTIFIED: "quantified",
        ValueState.DETECTED_BELOW_LLOQ: "detected, below LLOQ",
        ValueState.NOT_DETECTED: "not detected",
        ValueState.ABOVE_ULOQ: "above ULOQ",
        ValueState.NO_RESULT: "no result",
        ValueState.INVALID: "invalid",
    }[value_state]


@lru_cache(maxsize=4096)  # a cohort names the same days hundreds of thousands of times
def day(day_rel_infusion: float) -> str:
    """A study day: "day 88", "day −7"; the afternoon of day 88 (88.6) is still day 88."""
    whole = math.floor(day_rel_infusion)
    return f"day {MINUS if whole < 0 else ''}{abs(whole)}"


def interval(left_day: float, right_day: float | None) -> str:
    """A half-open interval of days: "(60, 88]"; open to the right when the end was not seen: "> 60"."""
    if right_day is None:
        return f">{NO_BREAK_SPACE}{decimal_day(left_day)}"
    return f"({decimal_day(left_day)}, {decimal_day(right_day)}]"


def decimal_day(day_rel_infusion: float) -> str:
    """A day as a number, to a tenth where the hour is known: "60", "60.4", "−7"."""
    text = f"{abs(day_rel_infusion):.1f}".removesuffix(".0")
    return (MINUS if day_rel_infusion < 0 and text != "0" else "") + text
