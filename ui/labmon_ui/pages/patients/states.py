"""A finding's state as a person sees it: symbol, words and rank, the same wherever the page shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from labmon.domain import wording
from labmon.domain.finding import Finding, FlagState
from labmon_ui.texts import tr
from labmon_ui.widgets.state_symbol import StateSymbol

_GRAVEST_FIRST = (
    FlagState.CONFLICT,
    FlagState.HELD,
    FlagState.UNCONFIRMED,
    FlagState.MET,
    FlagState.NOT_EVALUABLE,
    FlagState.NOT_MET,
)
_WANTS_A_PERSON = (FlagState.CONFLICT, FlagState.HELD, FlagState.UNCONFIRMED)


def is_flag(finding: Finding) -> bool:
    """Whether the finding asks for review."""
    return finding.raises_flag and finding.flag_state is FlagState.MET


def symbol_of(finding: Finding) -> StateSymbol:
    """The flag, the state's own sign, or the dashed ring where a datum is missing."""
    if is_flag(finding):
        return StateSymbol.FLAG
    if finding.flag_state is FlagState.NOT_EVALUABLE and finding.missing:
        return StateSymbol.MISSING
    return StateSymbol(finding.flag_state.value)


def leading(findings: Iterable[Finding], first: Finding | None) -> Finding | None:
    """The one finding that speaks for a patient.

    `first` is the flag's own rule; where that rule has nothing for a person to do, whatever waits for one goes before.
    """
    if first is None or is_flag(first) or first.flag_state in _WANTS_A_PERSON:
        return first
    waiting = [finding for finding in findings if finding.flag_state in _WANTS_A_PERSON]
    return min(waiting, key=gravity, default=first)


def gravity(finding: Finding | None) -> int:
    """The rank in "gravest first"; a patient without a finding comes last."""
    if finding is None:
        return len(_GRAVEST_FIRST) + 1
    return 0 if is_flag(finding) else 1 + _GRAVEST_FIRST.index(finding.flag_state)


def brief(finding: Finding, day_of: Callable[[Finding], int | None]) -> str:
    """A few words for a list row: "R6 flag for review", "R1 repeat by d 124", "R6 not met"."""
    rule = finding.rule_id
    if is_flag(finding):
        return tr("{rule} flag for review", rule=rule)
    match finding.flag_state:
        case FlagState.UNCONFIRMED if (day := day_of(finding)) is not None:
            return tr("{rule} repeat by {day}", rule=rule, day=f"d{wording.NO_BREAK_SPACE}{day}")
        case FlagState.HELD:
            return tr("{rule} held", rule=rule) if finding.raises_flag else tr("results held")
        case FlagState.NOT_EVALUABLE if finding.missing:
            return tr("missing: {what}", what=finding.missing[0])
    return f"{rule} {state_words(finding)}"


def state_words(finding: Finding) -> str:
    """The state in words: "flag for review", "not met"."""
    return tr("flag for review") if is_flag(finding) else tr(finding.flag_state.label)
