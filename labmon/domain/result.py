"""What the laboratory stands behind: a specimen, an analyte, a quantity, the run it came from, its acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The way back from a result to the bytes: file, place and the raw text that stood there."""

    file_sha256: str
    file_name: str
    place: Place
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDraft:
    """A result as the assays room made it, before anybody accepted it.

    `basis` holds the numbers the quantity was made of, by glossary name: replicates_detected, replicates_total,
    cq_mean_cycles, gdna_ng_per_reaction, car_pos_events, cd3_events, mrd_events, mrd_total_cells …
    """

    specimen_code: str
    analyte: Analyte
    quantity: Quantity
    run_code: str
    method: MrdMethod | None = None
    sensitivity_fraction: float | None = None
    """MRD only: the lowest fraction this sample could have shown (`mrd_sensitivity_fraction`)."""
    basis: Mapping[str, float | str] = field(default_factory=dict)
    provenance: tuple[Provenance, ...] = ()
    issues: tuple[Issue, ...] = ()
    held_reason: str | None = None
    excluded_reason: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Two results with one key are about the same thing: specimen, analyte, method."""
        return self.specimen_code, self.analyte.value, self.method.value if self.method else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result on record. Released results are never changed, only superseded by a newer version."""

    result_id: int
    version: int
    patient_code: str
    draft: ResultDraft
    recorded_at: datetime
    released_at: datetime | None
    released_by: str | None
    supersedes: int | None = None
    is_superseded: bool = False
    excluded_by: str | None = None

    @property
    def specimen_code(self) -> str:
        return self.draft.specimen_code

    @property
    def analyte(self) -> Analyte:
        return self.draft.analyte

    @property
    def method(self) -> MrdMethod | None:
        return self.draft.method

    @property
    def quantity(self) -> Quantity:
        return self.draft.quantity

    @property
    def is_held(self) -> bool:
        return self.draft.held_reason is not None

    @property
    def is_excluded(self) -> bool:
        return self.draft.excluded_reason is not None

    @property
    def counts(self) -> bool:
        """May feed parameters and criteria: released, not held, not excluded, not superseded."""
        return self.released_at is not None and not (self.is_held or self.is_excluded or self.is_superseded)
