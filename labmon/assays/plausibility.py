"""Values outside the plausible range of their assay are kept as they stand and held: never clamped."""

from __future__ import annotations

from labmon.domain.issue import Issue
from labmon.domain.quantity import Quantity
from labmon.domain.wording import amount, limit_amount


def implausible(what: str, quantity: Quantity, *, low: float | None, high: float | None) -> tuple[Issue, ...]:
    """I014 for a quantified value outside low to high, both ends included; nothing else can be implausible."""
    value = quantity.value
    if value is None or ((low is None or value >= low) and (high is None or value <= high)):
        return ()
    return (
        Issue(
            code="I014",
            parameters={
                "what": what,
                "value": amount(value, quantity.unit),
                "low": limit_amount(low, quantity.unit) if low is not None else "−∞",
                "high": limit_amount(high, quantity.unit) if high is not None else "∞",
            },
        ),
    )
