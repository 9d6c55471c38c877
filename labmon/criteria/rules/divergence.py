"""Copies per µg DNA against copies per µL blood: a fall in one alone tells of the denominator, not of the cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from labmon.criteria.case import Case, Sample
from labmon.criteria.rule_kinds import DiscordanceRule
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import SpecimenType
from labmon.domain.quantity import ValueState


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """One unit fell between two dates while the other stayed."""

    per_ug_fell: bool
    """False: copies/µL fell and copies/µg stayed."""
    per_ug_before: str
    per_ug_after: str
    per_ul_before: str
    per_ul_after: str
    samples: tuple[Sample, ...]


def divergence_between(
    case: Case, rule: DiscordanceRule, specimen_type: SpecimenType, earlier: date, later: date
) -> Divergence | None:
    """Whether the two units part between two dates; None when they agree or one was not measured on both."""
    per_ug = _pair(case, Analyte.TRANSGENE_COPIES_PER_UG_DNA, specimen_type, earlier, later)
    per_ul = _pair(case, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, specimen_type, earlier, later)
    if per_ug is None or per_ul is None:
        return None
    ug_fell = _falls(rule, per_ug) and _stays(rule, per_ul)
    ul_fell = _falls(rule, per_ul) and _stays(rule, per_ug)
    if not (ug_fell or ul_fell):
        return None
    return Divergence(
        per_ug_fell=ug_fell,
        per_ug_before=per_ug[0].text,
        per_ug_after=per_ug[1].text,
        per_ul_before=per_ul[0].text,
        per_ul_after=per_ul[1].text,
        samples=(*per_ug, *per_ul),
    )


def _pair(
    case: Case, analyte: Analyte, specimen_type: SpecimenType, earlier: date, later: date
) -> tuple[Sample, Sample] | None:
    by_day = {sample.collected_on: sample for sample in case.samples(analyte, specimen_type)}
    return (by_day[earlier], by_day[later]) if earlier in by_day and later in by_day else None


def _falls(rule: DiscordanceRule, pair: tuple[Sample, Sample]) -> bool:
    """A value below the LLOQ has fallen at least to it."""
    before, after = pair[0].quantity, pair[1].quantity
    if before.value is None or before.value <= 0:
        return False
    at_most = after.value if after.state is ValueState.QUANTIFIED else after.lloq if after.state.is_blq else None
    return at_most is not None and (at_most <= 0 or rule.fall.holds(math.log10(before.value / at_most)))


def _stays(rule: DiscordanceRule, pair: tuple[Sample, Sample]) -> bool:
    before, after = pair[0].quantity.value, pair[1].quantity.value
    if before is None or after is None or before <= 0 or after <= 0:
        return False
    return rule.stable.holds(abs(math.log10(after / before)))
