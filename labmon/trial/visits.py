"""The visits a protocol asks for, each with its window, and the one function that says where a visit stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from labmon.criteria.protocol import Protocol
from labmon.criteria.trial_sections import VisitGroup
from labmon.domain import wording
from labmon.domain.clinical import ConsentKind, EventKind, InfusionKind
from labmon.kinetics.timeline import Timeline


class VisitState(StrEnum):
    """Where a visit stands on a day."""

    DUE = "due"
    """Its window has not opened."""
    IN_WINDOW = "in_window"
    OVERDUE = "overdue"
    """Its window has closed; the next visit's has not opened, so a late sample still stands for it."""
    DONE = "done"
    MISSED = "missed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit of one patient."""

    title: str
    """"day 28", "baseline"."""
    anchor: InfusionKind
    day: int
    """Counted from the infusion of its anchor."""
    planned_on: date
    first_on: date
    last_on: date
    """The first and last day of the window; both belong to it."""
    assays: tuple[str, ...]
    state: VisitState
    done_on: date | None = None
    days_late: int = 0
    """Days after the last day of the window: of the sample when done, of today when overdue."""

    @property
    def window(self) -> str:
        """The window in days from the anchor: "d 28 to 31"."""
        first = self.day - (self.planned_on - self.first_on).days
        last = self.day + (self.last_on - self.planned_on).days
        begins, ends = (wording.day(day).removeprefix("day ") for day in (first, last))
        return f"d {begins}" if first == last else f"d {begins} to {ends}"


def visit_state(
    *, first_on: date, last_on: date, next_first_on: date | None, done_on: date | None, as_of: date
) -> VisitState:
    """Where a visit stands: overdue after the last day of its window, missed once the next window is open."""
    if done_on is not None and done_on <= as_of:
        return VisitState.DONE
    if as_of < first_on:
        return VisitState.DUE
    if as_of <= last_on:
        return VisitState.IN_WINDOW
    if next_first_on is not None and as_of >= next_first_on:
        return VisitState.MISSED
    return VisitState.OVERDUE


def visits(timeline: Timeline, protocol: Protocol, as_of: date) -> tuple[Visit, ...]:
    """Every visit of the course in order of date, those of study cells too once these were given.

    A visit is done by a specimen of its window, or by a late one before the next window opens. What would open after
    the course ended, the patient died or consent was withdrawn is not asked for.
    """
    if protocol.visits is None:
        return ()
    planned = sorted(
        (
            visit
            for group in protocol.visits.groups
            for origin in _origins(timeline, group, as_of)
            for visit in _planned(group, origin, protocol)
        ),
        key=lambda visit: (visit.anchor.value, visit.planned_on),
    )
    end = _end(timeline, as_of)
    asked = [visit for visit in planned if end is None or visit.first_on <= end]
    collected = sorted({s.collected_on for s in timeline.record.specimens if s.collected_on <= as_of})
    found: list[Visit] = []
    for anchor in InfusionKind:
        found += _with_states([visit for visit in asked if visit.anchor is anchor], collected, as_of, end)
    return tuple(sorted(found, key=lambda visit: (visit.planned_on, visit.anchor.value)))


def open_visits(timeline: Timeline, protocol: Protocol, as_of: date) -> tuple[Visit, ...]:
    """What still can be done: overdue visits, those in their window, and the next one due."""
    open_now: list[Visit] = []
    next_due: Visit | None = None
    for visit in visits(timeline, protocol, as_of):
        if visit.state in (VisitState.OVERDUE, VisitState.IN_WINDOW):
            open_now.append(visit)
        elif visit.state is VisitState.DUE and next_due is None:
            next_due = visit
    return (*open_now, next_due) if next_due is not None else tuple(open_now)


def _origins(timeline: Timeline, group: VisitGroup, as_of: date) -> tuple[date, ...]:
    """Day 0 of a group: the infusion of this course, or the first study cells given in it."""
    infused_on = timeline.infusion.infused_on
    if group.anchor is InfusionKind.CAR_T:
        return (infused_on,)
    given = [
        infusion.infused_on
        for infusion in timeline.record.infusions
        if infusion.infusion_kind is InfusionKind.STUDY_CELLS and infused_on <= infusion.infused_on <= as_of
    ]
    return (min(given),) if given else ()


def _planned(group: VisitGroup, origin: date, protocol: Protocol) -> list[Visit]:
    schedule = protocol.visits
    assert schedule is not None  # the group is one of its own
    return [
        Visit(
            title=group.title or wording.day(day),
            anchor=group.anchor,
            day=day,
            planned_on=origin + timedelta(days=day),
            first_on=origin + timedelta(days=day - group.days_before),
            last_on=origin + timedelta(days=day + group.days_after),
            assays=tuple(each.assay for each in schedule.assays if each.anchor is group.anchor and each.is_due_at(day)),
            state=VisitState.DUE,
        )
        for day in group.days
    ]


def _end(timeline: Timeline, as_of: date) -> date | None:
    """The last day on which a visit is still asked for."""
    record = timeline.record
    ends = [e.occurred_on for e in record.events if e.event_kind is EventKind.DEATH and e.occurred_on <= as_of]
    ends += [
        consent.consented_on
        for consent in record.consents
        if consent.consent_kind is ConsentKind.WITHDRAWAL
        and consent.consented_on <= as_of
        and not any(
            later.consent_kind is not ConsentKind.WITHDRAWAL and consent.consented_on < later.consented_on <= as_of
            for later in record.consents
        )
    ]
    ended = timeline.ended
    if ended is not None and ended.on <= as_of:
        ends.append(ended.on)
    return min(ends, default=None)


def _with_states(planned: Sequence[Visit], collected: Sequence[date], as_of: date, end: date | None) -> list[Visit]:
    """States of the visits of one anchor, in order; a specimen stands for one visit only."""
    free = list(collected)
    found = []
    for index, visit in enumerate(planned):
        next_first = planned[index + 1].first_on if index + 1 < len(planned) else None
        done_on = _taken(visit, next_first, free)
        if done_on is not None:
            free.remove(done_on)
        state = visit_state(
            first_on=visit.first_on, last_on=visit.last_on, next_first_on=next_first, done_on=done_on, as_of=as_of
        )
        if state in (VisitState.DUE, VisitState.IN_WINDOW, VisitState.OVERDUE) and end is not None:
            state = VisitState.MISSED  # nobody can come to it any more
        late_on = done_on if state is VisitState.DONE else as_of if state is VisitState.OVERDUE else None
        late = max(0, (late_on - visit.last_on).days) if late_on is not None else 0
        found.append(replace(visit, state=state, done_on=done_on, days_late=late))
    return found


def _taken(visit: Visit, next_first_on: date | None, collected: Sequence[date]) -> date | None:
    """The specimen nearest to the planned day inside the window, else the first late one before the next window."""
    inside = [when for when in collected if visit.first_on <= when <= visit.last_on]
    if inside:
        return min(inside, key=lambda when: (abs((when - visit.planned_on).days), when))
    late = [when for when in collected if when > visit.last_on and (next_first_on is None or when < next_first_on)]
    return late[0] if late else None
