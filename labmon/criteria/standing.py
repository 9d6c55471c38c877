"""What the finding of one rule contributes to a composed one, once the protocol's window is laid over it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from labmon.criteria.answer import Obstacle
from labmon.criteria.case import Case
from labmon.criteria.watch import UNDECIDED, closed_unwatched
from labmon.criteria.window import Placement, place
from labmon.domain import wording
from labmon.domain.finding import Finding, FlagState


class Standing(StrEnum):
    """How a loss, or its absence, lies against the window."""

    LOST_INSIDE = "lost inside"
    LOST_OUTSIDE = "lost outside"
    STRADDLES = "straddles"
    UNCONFIRMED = "unconfirmed"
    HELD = "held"
    CONFLICT = "conflict"
    NOT_LOST = "not lost"
    UNKNOWN = "unknown"


_WITHOUT_BRACKET = {
    FlagState.NOT_MET: Standing.NOT_LOST,
    FlagState.NOT_EVALUABLE: Standing.UNKNOWN,
    FlagState.HELD: Standing.HELD,
    FlagState.CONFLICT: Standing.CONFLICT,
    FlagState.UNCONFIRMED: Standing.UNCONFIRMED,
}


def standing_of(case: Case, finding: Finding) -> Standing:
    """Where the finding of a loss rule stands against the window of the case's protocol."""
    if finding.flag_state in (FlagState.NOT_MET, FlagState.NOT_EVALUABLE) or finding.bracket_right_day is None:
        return _WITHOUT_BRACKET[finding.flag_state]
    left, right = on_day(case, finding.bracket_left_day or 0), on_day(case, finding.bracket_right_day)
    placement = place(left, right, case.window_end)
    if placement is Placement.OUTSIDE:
        return Standing.LOST_OUTSIDE
    if placement is Placement.STRADDLES:
        return Standing.STRADDLES
    return Standing.LOST_INSIDE if finding.flag_state is FlagState.MET else _WITHOUT_BRACKET[finding.flag_state]


def unwatched(case: Case, finding: Finding) -> Obstacle | None:
    """Why "not lost" does not hold up to the end of the window: nobody looked for longer than a surveillance gap."""
    last = last_day(finding)
    return closed_unwatched(case, f"{finding.title} last looked for on {wording.day(last)}", last)


def is_undecided(finding: Finding) -> bool:
    """Whether something was there, was looked for again, and the sample decides nothing."""
    roles = [evidence.role for evidence in finding.evidence]
    looked_again = any(role.startswith(UNDECIDED) for role in roles)
    return finding.flag_state is FlagState.NOT_EVALUABLE and looked_again and not roles[0].startswith(UNDECIDED)


def straddling(case: Case, finding: Finding) -> Obstacle:
    """A loss between a sample inside the window and one after it."""
    left, right = round(finding.bracket_left_day or 0), round(finding.bracket_right_day or 0)
    return Obstacle(
        sentence=f"{finding.title} lies in ({left}, {right}] and the window ends on "
        f"{wording.day(case.window_end_day)}: loss may have occurred by {wording.day(right)}; not shown by it."
    )


def last_day(finding: Finding) -> int:
    """The last day the finding rests on."""
    return round(max((each.day for each in finding.evidence if each.day is not None), default=0))


def on_day(case: Case, day: float) -> date:
    return case.infused_on + timedelta(days=round(day))
