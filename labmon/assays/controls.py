"""Controls of a PCR run: no-template controls must stay silent, positive controls must give their known copies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from labmon.assays.acceptance import passed
from labmon.assays.definition import NtcLimits, NtcRule, PositiveControl
from labmon.assays.replicates import Replicate, WellOutcome, exceeds, mean
from labmon.domain.reading import Task
from labmon.domain.run import CheckOutcome, CurvePoint, RunCheck
from labmon.domain.wording import number


class Role(StrEnum):
    """What a well is for in this run."""

    SPECIMEN = "specimen"
    STANDARD = "standard"
    NTC = "ntc"
    NEGATIVE_CONTROL = "negative_control"
    POSITIVE_CONTROL = "positive_control"


@dataclass(frozen=True, slots=True, kw_only=True)
class WellRole:
    role: Role
    control: PositiveControl | None = None
    """The definition's control, for a positive control it knows."""


def role_of(
    task: Task | None,
    sample: str | None,
    ntc_names: Sequence[re.Pattern[str]],
    positive_controls: Sequence[PositiveControl],
) -> WellRole:
    """The role of a well: by its task where the file states one, else by the sample names of the definition."""
    name = (sample or "").strip()
    control = next((c for c in positive_controls if any(p.fullmatch(name) for p in c.names)), None)
    match task:
        case Task.STANDARD:
            return WellRole(role=Role.STANDARD)
        case Task.NTC:
            return WellRole(role=Role.NTC)
        case Task.NEGATIVE_CONTROL:
            return WellRole(role=Role.NEGATIVE_CONTROL)
        case Task.POSITIVE_CONTROL:
            return WellRole(role=Role.POSITIVE_CONTROL, control=control)
    if control is not None:
        return WellRole(role=Role.POSITIVE_CONTROL, control=control)
    if any(pattern.fullmatch(name) for pattern in ntc_names):
        return WellRole(role=Role.NTC)
    return WellRole(role=Role.SPECIMEN)


def silence_check(
    wells: Sequence[Replicate], standards: Sequence[CurvePoint], limits: NtcLimits, *, check_id: str, title: str
) -> RunCheck:
    """Whether wells without template stayed silent by the definition's rule; omitted, uncalled wells prove nothing."""
    called = [w for w in wells if not w.is_omitted and w.outcome in (WellOutcome.CQ, WellOutcome.NO_CQ)]
    cqs = sorted(w.cq for w in called if w.outcome is WellOutcome.CQ and w.cq is not None)
    limit_text = "no Cq"
    earliest: float | None = None
    if limits.rule is NtcRule.CYCLES_AFTER_LOWEST_STANDARD and standards:
        lowest = min(point.copies for point in standards)
        earliest = mean([p.cq for p in standards if p.copies == lowest]) + limits.cycles_after_lowest_standard.value
        limit_text = f"no Cq before {number(earliest, 4)}"
    if not called:
        observed, outcome = "absent", CheckOutcome.ABSENT
    elif not cqs:
        observed, outcome = f"no Cq in {len(called)} of {len(called)} wells", CheckOutcome.PASSED
    else:
        observed = f"Cq {number(cqs[0], 4)} in {len(cqs)} of {len(called)} wells"
        outcome = passed(earliest is not None and cqs[0] >= earliest)
    return RunCheck(
        check_id=check_id,
        title=title,
        observed=observed,
        limit=limit_text,
        outcome=outcome,
        source=limits.cycles_after_lowest_standard.source if earliest is not None else "labmon",
    )


def positive_check(control: PositiveControl, wells: Sequence[Replicate]) -> RunCheck | None:
    """Whether a positive control gave its copies; None for one that is neither there nor required."""
    kept = [w for w in wells if not w.is_omitted]
    copies = sorted(w.copies for w in kept if w.outcome is WellOutcome.CQ and w.copies is not None)
    expected, tolerance = control.expected_copies.value, control.tolerance_pct.value
    if not kept:
        if not control.required:
            return None
        observed, outcome = "absent", CheckOutcome.ABSENT
    elif len(copies) < len(kept):
        observed, outcome = f"copies in {len(copies)} of {len(kept)} wells", CheckOutcome.FAILED
    else:
        found = mean(copies)
        observed = f"{number(found)} copies"
        outcome = passed(not exceeds(abs(100 * found / expected - 100), tolerance))
    return RunCheck(
        check_id=f"control:{control.name}",
        title=f"Control {control.name}",
        observed=observed,
        limit=f"{number(expected)} ± {tolerance:g} %",
        outcome=outcome,
        source=control.expected_copies.source,
    )
