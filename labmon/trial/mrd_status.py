"""What an MRD result may be called: the word negative is earned by the sensitivity of that very sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from labmon.domain import wording
from labmon.domain.quantity import ValueState
from labmon.trial.observations import MrdMeasured
from labmon.trial.response_rules import MrdDefinitions, MrdVariant


class MrdClaim(StrEnum):
    """What a single result lets one say."""

    NEGATIVE = "negative"
    NOT_DETECTED = "not_detected"
    """Nothing was found, at a sensitivity that does not earn the word negative."""
    POSITIVE = "positive"
    POSITIVE_NOT_QUANTIFIABLE = "positive_not_quantifiable"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True, kw_only=True)
class MrdStatus:
    """One result read by every published variant."""

    claim: MrdClaim
    sentence: str
    sensitivity_fraction: float | None
    cells_needed: int | None
    """How many cells would have earned the word, when too few did not."""
    by_variant: Mapping[str, str]


def mrd_status(mrd: MrdMeasured, definitions: MrdDefinitions) -> MrdStatus:
    claim = _claim(mrd, definitions)
    return MrdStatus(
        claim=claim,
        sentence=_sentence(mrd, claim, definitions),
        sensitivity_fraction=mrd.sensitivity_fraction,
        cells_needed=_cells_needed(mrd, definitions) if claim is MrdClaim.NOT_DETECTED else None,
        by_variant={variant.id: _by(variant, mrd, claim) for variant in definitions.variants},
    )


def _claim(mrd: MrdMeasured, definitions: MrdDefinitions) -> MrdClaim:
    match mrd.quantity.state:
        case ValueState.NOT_DETECTED:
            earned = mrd.sensitivity_fraction
            is_earned = earned is not None and definitions.claim.holds(earned)
            return MrdClaim.NEGATIVE if is_earned else MrdClaim.NOT_DETECTED
        case ValueState.QUANTIFIED | ValueState.ABOVE_ULOQ:
            return MrdClaim.POSITIVE
        case ValueState.DETECTED_BELOW_LLOQ:
            return MrdClaim.POSITIVE_NOT_QUANTIFIABLE
        case ValueState.NO_RESULT | ValueState.INVALID:
            return MrdClaim.NOT_EVALUABLE


def _by(variant: MrdVariant, mrd: MrdMeasured, claim: MrdClaim) -> str:
    if claim is MrdClaim.NOT_EVALUABLE:
        return "not evaluable"
    if mrd.quantity.state is ValueState.NOT_DETECTED:
        if variant.sensitivity is None:
            return variant.complete
        earned = mrd.sensitivity_fraction
        return variant.complete if earned is not None and variant.sensitivity.holds(earned) else variant.between
    if variant.persists is None:
        return variant.failure if claim is MrdClaim.POSITIVE else variant.between
    return variant.failure if variant.persists.holds_for(mrd.quantity) else variant.between


def _cells_needed(mrd: MrdMeasured, definitions: MrdDefinitions) -> int | None:
    """From the events this sample's sensitivity stood for: k = sensitivity x cells."""
    if mrd.sensitivity_fraction is None or not mrd.total_cells:
        return None
    events = mrd.sensitivity_fraction * mrd.total_cells
    return math.ceil(round(events / definitions.claim.value, 6))


def _sentence(mrd: MrdMeasured, claim: MrdClaim, definitions: MrdDefinitions) -> str:
    asked = f"{wording.limit(100 * definitions.claim.value)}{wording.NO_BREAK_SPACE}%"
    cells = f" ({wording.number(mrd.total_cells)} cells)" if mrd.total_cells else ""
    match claim:
        case MrdClaim.NEGATIVE:
            assert mrd.sensitivity_fraction is not None  # it earned the word
            return f"MRD-negative, sensitivity {wording.fraction(mrd.sensitivity_fraction)}{cells}"
        case MrdClaim.NOT_DETECTED if mrd.sensitivity_fraction is None:
            return f"not detected, sensitivity unknown; cannot claim MRD CR at {asked}"
        case MrdClaim.NOT_DETECTED:
            assert mrd.sensitivity_fraction is not None  # the other case was above
            needed = _cells_needed(mrd, definitions)
            more = f"; {wording.number(needed)} cells would" if needed is not None else ""
            return (
                f"not detected, sensitivity {wording.fraction(mrd.sensitivity_fraction)}{cells}; "
                f"cannot claim MRD CR at {asked}{more}"
            )
        case MrdClaim.POSITIVE:
            return f"MRD {wording.quantity(mrd.quantity)}"
        case MrdClaim.POSITIVE_NOT_QUANTIFIABLE:
            return "MRD positive, not quantifiable"
        case MrdClaim.NOT_EVALUABLE:
            return "MRD not evaluable"
