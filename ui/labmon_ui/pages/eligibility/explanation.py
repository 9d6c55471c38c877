"""One cell of the matrix explained: what its panel says, made from the answer and the findings behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labmon.domain import wording
from labmon.domain.finding import CriterionAnswer, CriterionState, Evidence, Finding, FlagState, Threshold
from labmon.domain.quantity import Unit
from labmon.workflow.candidates import CandidateRow, DecisionState
from labmon.workflow.decide import DecisionStanding
from labmon_ui.texts import tr
from labmon_ui.widgets.state_symbol import StateSymbol


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One result or fact the answer rests on."""

    day: str
    value: str
    role: str
    result_id: int | None
    run_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """A state and what belongs to it: what would bring it about, or what a rule says."""

    symbol: StateSymbol
    word: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A threshold with the source it comes from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything the panel shows; empty parts are left out."""

    patient_code: str
    place: str
    symbol: StateSymbol
    state: str
    sentence: str
    wording: str
    reading: str
    """How labmon reads what the wording leaves open."""
    evidence: tuple[EvidenceLine, ...]
    missing: tuple[str, ...]
    changes: tuple[StateLine, ...]
    window: tuple[str, ...]
    """Where the window ends, and what to be careful about."""
    behind: tuple[StateLine, ...]
    limits: tuple[LimitLine, ...]
    as_of: str
    sign_note: str
    decided: str
    """What a person decided about the patient, by whom and when; empty without a decision."""
    changed_since: tuple[str, ...]
    """What changed since in what the decision rests on."""


def explain(row: CandidateRow, answer: CriterionAnswer, decided: DecisionStanding | None = None) -> Explanation:
    """The panel of one cell."""
    behind = row.behind.get(answer.criterion_id, ()) if answer.findings else ()
    day = wording.day(row.day) if row.day is not None else tr("no infusion")
    return Explanation(
        patient_code=row.patient_code,
        place=f"{row.patient_code} · {day} · {answer.criterion_id} {answer.title}",
        symbol=StateSymbol(answer.state.value),
        state=_capitalised(tr(answer.state.label)),
        sentence=answer.sentence,
        wording=answer.wording,
        reading=answer.defect or "",
        evidence=tuple(_evidence(each) for each in answer.evidence),
        missing=tuple(dict.fromkeys(answer.missing)),
        changes=tuple(_state_line(state, text) for state, text in dict.fromkeys(answer.would_change)),
        window=_window(answer.findings),
        behind=tuple(_rule(finding) for finding in behind),
        limits=_limits((*answer.findings, *behind)),
        as_of=tr("Results as of {date}.", date=row.as_of.isoformat()),
        sign_note=tr("Every criterion is met. Signing needs sign-in, which this version does not have.")
        if row.decision is DecisionState.READY_TO_SIGN
        else "",
        decided=_capitalised(decided.text) if decided is not None else "",
        changed_since=decided.changes if decided is not None else (),
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _evidence(evidence: Evidence) -> EvidenceLine:
    return EvidenceLine(
        day=f"d {wording.day(evidence.day).removeprefix('day ')}" if evidence.day is not None else "",
        value=evidence.text,
        role=evidence.role,
        result_id=evidence.result_id,
        run_code=evidence.run_code or "",
    )


def _state_line(state: CriterionState | FlagState, text: str) -> StateLine:
    return StateLine(symbol=StateSymbol(state.value), word=tr(state.label), text=text)


def _rule(finding: Finding) -> StateLine:
    return _state_line(finding.flag_state, f"{finding.rule_id} {finding.title}: {finding.sentence}")


def _window(findings: Sequence[Finding]) -> tuple[str, ...]:
    said = []
    for finding in findings:
        if finding.window_end_day is not None:
            said.append(tr("The window ends on {day}.", day=wording.day(finding.window_end_day)))
        if finding.bracket_left_day is not None and finding.bracket_right_day is not None:
            interval = wording.interval(finding.bracket_left_day, finding.bracket_right_day)
            said.append(tr("The loss lies in days {interval}.", interval=interval))
        said += [f"{_capitalised(caution)}." for caution in finding.cautions]
    return tuple(dict.fromkeys(said))


def _limits(findings: Sequence[Finding]) -> tuple[LimitLine, ...]:
    """Every threshold of a rule once, in the order in which the rules name them."""
    limits = dict.fromkeys((finding.rule_id, threshold) for finding in findings for threshold in finding.thresholds)
    return tuple(
        LimitLine(name=f"{rule_id} {limit.name}", value=_amount(limit), source=limit.source)
        for rule_id, limit in limits
    )


def _amount(limit: Threshold) -> str:
    if limit.unit in set(Unit):
        return wording.limit_amount(limit.value, Unit(limit.unit))
    return f"{wording.limit(limit.value)}{wording.NO_BREAK_SPACE}{limit.unit}"
