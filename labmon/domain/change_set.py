"""What a mutation changed, so that screens refresh because of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChangedPart(StrEnum):
    FILES = "files"
    RESULTS = "results"
    CLINICAL = "clinical"
    MAPPINGS = "mappings"
    MUTINGS = "mutings"
    RUNS = "runs"
    PROTOCOL = "protocol"
    DECISIONS = "decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """The parts and patients a mutation touched; an empty one means nothing changed."""

    parts: frozenset[ChangedPart] = frozenset()
    patient_codes: frozenset[str] = frozenset()

    def __or__(self, other: ChangeSet) -> ChangeSet:
        return ChangeSet(parts=self.parts | other.parts, patient_codes=self.patient_codes | other.patient_codes)

    def __bool__(self) -> bool:
        return bool(self.parts)
