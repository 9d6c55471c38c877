"""An assay run: what was measured together, judged together and is accepted or held together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Acceptance(StrEnum):
    """A held run's results are visible, hatched, and can fire no criterion."""

    ACCEPTED = "accepted"
    HELD = "held"


class CheckOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    """The run does not hold what the check needs; a required check that is absent holds the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheck:
    """One limit of the assay definition against what this run shows."""

    check_id: str
    """Stable name: curve_slope, pcr_efficiency_pct, curve_r_squared, ntc_outcome, control:<name>, replicate_cv_pct …"""
    title: str
    observed: str
    limit: str
    outcome: CheckOutcome
    source: str | None = None
    """Where the limit comes from, as the assay definition says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A well on the standard curve: a standard with its given copies, or a sample with its computed ones."""

    copies: float
    cq: float
    is_standard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardCurve:
    """The standard curve of one target. Slope in cycles per log10 copies; efficiency in percent."""

    slope: float
    intercept: float
    r_squared: float
    efficiency_pct: float
    n_standards: int
    points: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one assay from one file, with the limits that held when it was imported."""

    run_code: str
    """Unique in the study; made from the file's run name, or its stem."""
    file_sha256: str
    assay_id: str
    assay_version: str
    acceptance: Acceptance
    checks: tuple[RunCheck, ...] = ()
    curve: StandardCurve | None = None
    instrument: str | None = None
    run_started_at: str | None = None

    @property
    def held_because(self) -> str | None:
        """The failed or absent checks in one line; None for an accepted run."""
        if self.acceptance is Acceptance.ACCEPTED:
            return None
        failed = [c for c in self.checks if c.outcome is not CheckOutcome.PASSED]
        return "; ".join(f"{c.title}: {c.observed}, limit {c.limit}" for c in failed) or "held by a person"
