"""What holds a draft: a held run, and issues that say its own value cannot be relied on.

| cause | effect on the draft |
| --- | --- |
| run held (curve, NTC, control, constants: Q105, Q110) | held, whatever its state; the reason names the failed checks |
| Q107 DNA missing | held and no_result (`derive`): visible with what is missing, made anew when the DNA comes |
| A402, C504, C507, D203, D205, I006, I014, I016, Q101, Q103, Q104, Q107, Q108, Q109, Q113, Q120, Q121 | held |
| F304, F307, F309, F310, F312, M401, M403 | held |
| F311 too few events | not held: LOD and LLOQ of the value already say what so few events can show |
| any of these on a value that is no_result or invalid | not held: the state says it, and there is no value to release |
| Q102, Q106 and every other warning | not held |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from labmon.domain.issue import Issue, Severity
from labmon.domain.result import ResultDraft

_INFORMS_ONLY = frozenset({"F311"})


def held(draft: ResultDraft, *reasons: str | None, because_of: Iterable[Issue] | None = None) -> ResultDraft:
    """The draft with every reason to hold it: earlier ones, those given, and the issues (by default all its own)."""
    found = dict.fromkeys(reason for reason in (draft.held_reason, *reasons) if reason)
    for issue in draft.issues if because_of is None else because_of:
        if _holds(issue, draft):
            found.setdefault(issue.message.removesuffix("."))
    return replace(draft, held_reason="; ".join(found) or None)


def _holds(issue: Issue, draft: ResultDraft) -> bool:
    return issue.severity is Severity.HOLDS and issue.code not in _INFORMS_ONLY and draft.quantity.state.is_evaluable
