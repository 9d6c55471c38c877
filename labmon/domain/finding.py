"""One criterion of one protocol version applied to one timeline, with the very results it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FlagState(StrEnum):
    """The states of a finding (`flag_state`). A missing datum is never not_met."""

    NOT_EVALUABLE = "not_evaluable"
    NOT_MET = "not_met"
    UNCONFIRMED = "unconfirmed"
    MET = "met"
    CONFLICT = "conflict"
    HELD = "held"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class CriterionState(StrEnum):
    """The states of an eligibility criterion: the flag states, and what only a person or a missing datum can settle."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NEEDS_DECISION = "needs_decision"
    UNCONFIRMED = "unconfirmed"
    NOT_EVALUABLE = "not_evaluable"
    CONFLICT = "conflict"
    HELD = "held"

    @property
    def label(self) -> str:
        return {"unknown": "missing", "needs_decision": "needs a person"}.get(self.value, self.value.replace("_", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A limit as the protocol file states it, with the source it comes from."""

    name: str
    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One result or dated fact a finding rests on."""

    text: str
    """"< 50 copies/µg (detected)"."""
    role: str
    """What it did: "last good", "first below", "confirms", "baseline", "no relapse" …"""
    day: float | None = None
    collected_on: date | None = None
    result_id: int | None = None
    run_code: str | None = None

    def as_part_of(self, rule_id: str) -> Evidence:
        """The same evidence in a composed finding: its role says whose it is."""
        return Evidence(
            text=self.text,
            role=f"{rule_id} {self.role}",
            day=self.day,
            collected_on=self.collected_on,
            result_id=self.result_id,
            run_code=self.run_code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The answer of one rule for one patient's course."""

    rule_id: str
    title: str
    patient_code: str
    flag_state: FlagState
    sentence: str
    """One sentence saying why."""
    protocol_id: str
    protocol_version: str
    as_of: date
    is_labmon_definition: bool = False
    raises_flag: bool = False
    """Met means "flag for review"."""
    evidence: tuple[Evidence, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    missing: tuple[str, ...] = ()
    """What is missing, when the rule could not be evaluated or confirmed."""
    would_change: tuple[tuple[FlagState, str], ...] = ()
    """What would change it: the state it would take, and the observation that would do it."""
    cautions: tuple[str, ...] = ()
    bracket_left_day: float | None = None
    """Last good sample; the loss lies in (left, right]."""
    bracket_right_day: float | None = None
    """First qualifying sample."""
    confirmed_day: float | None = None
    window_end_day: float | None = None
    repeat_from: date | None = None
    repeat_by: date | None = None
    """When a repeat sample is useful, for an unconfirmed finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionAnswer:
    """One eligibility criterion for one patient."""

    criterion_id: str
    title: str
    wording: str
    """The registry's own words."""
    state: CriterionState
    sentence: str
    brief: str = ""
    """What is open, in a few words for a matrix: "repeat by d 124", "A4 needs a person"; empty when nothing is."""
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    would_change: tuple[tuple[CriterionState, str], ...] = ()
    is_final: bool = True
    """False: not met so far; the window it asks about is still open, and a coming sample may meet it."""
    defect: str | None = None
    """What is unclear in the registry's wording and how labmon reads it."""
    findings: tuple[Finding, ...] = ()
