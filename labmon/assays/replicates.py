"""Replicates become one value by the stated rule: every one needs a Cq to quantify, absence needs all of them.

Quantified: every replicate that was not excluded has a Cq, and the arithmetic mean of their quantities is at least the
LLOQ. Some without a Cq: detected, below LLOQ, whatever the others say. All without: not detected. A replicate the
instrument did not call (no call, failed) says neither, so the specimen has no result. "Not detected" enters no mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from labmon.domain.issue import Issue
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.wording import number


class WellOutcome(StrEnum):
    """What one well said (`well_outcome`)."""

    CQ = "cq"
    NO_CQ = "no_cq"
    NO_CALL = "no_call"
    FAILED = "failed"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicate:
    """One well of a specimen; `copies` is its quantity when it has a Cq."""

    outcome: WellOutcome
    cq: float | None = None
    copies: float | None = None
    is_omitted: bool = False
    """Omitted by the operator; `outcome` is still what the well said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """The replicates of one specimen, combined. SDs and the CV need two numbers, else None."""

    quantity: Quantity
    replicates_detected: int
    replicates_total: int
    replicates_omitted: int
    cq_mean_cycles: float | None
    cq_sd_cycles: float | None
    cv_pct: float | None


def combine(
    replicates: Sequence[Replicate],
    *,
    lod: float | None = None,
    lloq: float | None = None,
    uloq: float | None = None,
) -> Combined:
    """The value of a specimen per reaction. If all wells are omitted they are all used: the value is kept, excluded."""
    kept = [r for r in replicates if not r.is_omitted]
    used = kept or list(replicates)
    with_cq = [r for r in used if r.outcome is WellOutcome.CQ]
    copies = sorted(r.copies for r in with_cq if r.copies is not None)
    cqs = sorted(r.cq for r in with_cq if r.cq is not None)
    unit = Unit.COPIES_PER_REACTION
    if any(r.outcome not in (WellOutcome.CQ, WellOutcome.NO_CQ) for r in used) or not used:
        quantity = Quantity.without_value(ValueState.NO_RESULT, unit, lod=lod, lloq=lloq, uloq=uloq)
    elif not with_cq:
        quantity = Quantity.without_value(ValueState.NOT_DETECTED, unit, lod=lod, lloq=lloq, uloq=uloq)
    elif len(with_cq) < len(used):
        quantity = Quantity.without_value(ValueState.DETECTED_BELOW_LLOQ, unit, lod=lod, lloq=lloq, uloq=uloq)
    elif len(copies) < len(with_cq):
        quantity = Quantity.without_value(ValueState.NO_RESULT, unit, lod=lod, lloq=lloq, uloq=uloq)
    else:
        quantity = Quantity.from_measurement(mean(copies), unit, lod=lod, lloq=lloq, uloq=uloq)
    return Combined(
        quantity=quantity,
        replicates_detected=len(with_cq),
        replicates_total=len(used),
        replicates_omitted=len(replicates) - len(kept),
        cq_mean_cycles=mean(cqs) if cqs else None,
        cq_sd_cycles=sd(cqs),
        cv_pct=cv_pct(copies),
    )


def spread_issues(combined: Combined, cv_limit_pct: float) -> list[Issue]:
    """Q102 when some wells have no signal, Q108 when the wells of a quantified value disagree."""
    issues = []
    if 0 < combined.replicates_detected < combined.replicates_total:
        counts = {"detected": combined.replicates_detected, "total": combined.replicates_total}
        issues.append(Issue(code="Q102", parameters=counts))
    quantified = combined.quantity.state in (ValueState.QUANTIFIED, ValueState.ABOVE_ULOQ)
    if quantified and combined.cv_pct is not None and exceeds(combined.cv_pct, cv_limit_pct):
        parameters = {"cv_pct": number(combined.cv_pct), "limit_pct": number(cv_limit_pct)}
        issues.append(Issue(code="Q108", parameters=parameters))
    return issues


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean."""
    return math.fsum(values) / len(values)


def sd(values: Sequence[float]) -> float | None:
    """The sample standard deviation; None for fewer than two values."""
    if len(values) < 2:
        return None
    centre = mean(values)
    return math.sqrt(math.fsum((v - centre) ** 2 for v in values) / (len(values) - 1))


def cv_pct(values: Sequence[float]) -> float | None:
    """The coefficient of variation in percent; None for fewer than two values or a mean of zero."""
    spread = sd(values)
    centre = mean(values) if values else 0.0
    return 100 * spread / centre if spread is not None and centre > 0 else None


def exceeds(value: float, limit: float) -> bool:
    """Above a limit; a value that equals it but for the last bits of the arithmetic is not."""
    return value > limit and not math.isclose(value, limit, rel_tol=1e-9)
