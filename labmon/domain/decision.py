"""An eligibility decision a person took about a patient, with the frozen snapshot of everything it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DecisionMeaning(StrEnum):
    """What the person stands for."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision about to be recorded."""

    patient_code: str
    protocol_id: str
    protocol_version: str
    meaning: DecisionMeaning
    reason: str
    snapshot: str
    """Canonical JSON: criteria, findings, the results and facts they rest on, the protocol with its hash."""
    snapshot_sha256: str
    supersedes: int | None = None
    """The decision about the same patient and protocol whose place it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision(NewDecision):
    """A decision on record; it is never changed, only followed by another."""

    decision_id: int
    recorded_at: datetime
    recorded_by: str
