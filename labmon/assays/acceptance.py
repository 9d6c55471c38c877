"""A run is accepted or held by its checks, each a limit of the assay definition against what the run shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labmon.assays import standard_curve
from labmon.assays.definition import CurveLimits
from labmon.assays.replicates import exceeds
from labmon.domain.issue import Issue
from labmon.domain.run import Acceptance, CheckOutcome, CurvePoint, RunCheck, StandardCurve
from labmon.domain.wording import number


def acceptance_of(checks: Iterable[RunCheck]) -> Acceptance:
    """Held as soon as one check failed or is absent; held is not failed: a person may accept it with a reason."""
    return Acceptance.ACCEPTED if all(c.outcome is CheckOutcome.PASSED for c in checks) else Acceptance.HELD


def issues_of(checks: Iterable[RunCheck]) -> tuple[Issue, ...]:
    """One Q105 for each check that did not pass."""
    return tuple(
        Issue(code="Q105", parameters={"check": check.title, "observed": check.observed, "limit": check.limit})
        for check in checks
        if check.outcome is not CheckOutcome.PASSED
    )


def curve_checks(
    curve: StandardCurve | None,
    standards: Sequence[CurvePoint],
    disagreements: Sequence[standard_curve.Disagreement],
    limits: CurveLimits,
) -> tuple[RunCheck, ...]:
    """Slope, efficiency, R², levels, recovery of the standards, and whether the file's constants are its standards'."""
    if curve is None:
        return (
            RunCheck(
                check_id="standard_curve",
                title="Standard curve",
                observed="absent",
                limit="required",
                outcome=CheckOutcome.ABSENT,
                source=limits.slope.source,
            ),
        )
    checks = [
        RunCheck(
            check_id=check_id,
            title=title,
            observed=f"{number(value, digits)}{unit}",
            limit=f"{band}{unit}",
            outcome=passed(band.holds(value)),
            source=band.source,
        )
        for check_id, title, value, band, digits, unit in (
            ("curve_slope", "Slope", curve.slope, limits.slope, 4, ""),
            ("pcr_efficiency_pct", "Efficiency", curve.efficiency_pct, limits.efficiency_pct, 4, " %"),
            ("curve_r_squared", "R²", curve.r_squared, limits.r_squared, 4, ""),
        )
    ]
    levels = len({point.copies for point in standards if point.copies > 0})
    checks.append(
        RunCheck(
            check_id="standard_levels",
            title="Standard levels",
            observed=str(levels),
            limit=f"≥ {limits.levels_minimum.value:g}",
            outcome=passed(levels >= limits.levels_minimum.value),
            source=limits.levels_minimum.source,
        )
    )
    checks.extend(_recovery_check(curve, standards, limits))
    if disagreements:
        checks.append(
            RunCheck(
                check_id="curve_constants",
                title="Curve constants",
                observed="; ".join(
                    f"{d.what} {number(d.printed, 4)}, standards {number(d.computed, 4)}" for d in disagreements
                ),
                limit="as the standards give",
                outcome=CheckOutcome.FAILED,
                source=limits.slope_tolerance.source,
            )
        )
    return tuple(checks)


def _recovery_check(curve: StandardCurve, standards: Sequence[CurvePoint], limits: CurveLimits) -> tuple[RunCheck, ...]:
    recovered = standard_curve.recoveries(curve, standards)
    if not recovered:
        return ()
    within = [level for level, pct in recovered.items() if not exceeds(abs(pct - 100), limits.recovery_pct.value)]
    share = 100 * len(within) / len(recovered)
    return (
        RunCheck(
            check_id="standard_recovery_pct",
            title="Standards calculated back",
            observed=f"{len(within)} of {len(recovered)} levels",
            limit=f"{limits.recovery_share_pct.value:g} % within ± {limits.recovery_pct.value:g} %",
            outcome=passed(not exceeds(limits.recovery_share_pct.value, share)),
            source=limits.recovery_pct.source,
        ),
    )


def passed(holds: bool) -> CheckOutcome:
    """The outcome of a check that could be made."""
    return CheckOutcome.PASSED if holds else CheckOutcome.FAILED
