"""What closes a question for good: the course's end, a death, study cells; after it nobody is asked for a sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from labmon.criteria.case import Case
from labmon.domain import wording
from labmon.domain.clinical import EventKind
from labmon.kinetics.timeline import CourseEndKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closed a question, and when."""

    on: date
    words: str
    """ "the death of day 100"."""
    said: str
    """ "the death of day 100 ended the course"."""


def course_over(case: Case) -> Closing | None:
    """The transplant, the next infusion or the death that ended the course, whichever came first."""
    ends: list[tuple[date, str]] = [(died_on, "the death") for died_on in case.events(EventKind.DEATH)]
    if case.course_end is not None:
        what = {CourseEndKind.HSCT: "the transplant", CourseEndKind.REINFUSION: "the next infusion"}
        ends.append((case.course_end.on, what[case.course_end.kind]))
    if not ends:
        return None
    on, what_ended = min(ends)
    words = f"{what_ended} of {wording.day(case.timeline.day_of(on))}"
    return Closing(on=on, words=words, said=f"{words} ended the course")


def study_cells(case: Case) -> Closing | None:
    """The study cells that froze the question; what comes after them is surveillance."""
    on = case.study_cells_on
    if on is None:
        return None
    words = f"the study cells of {wording.day(case.timeline.day_of(on))}"
    return Closing(on=on, words=words, said=f"{words} froze the question")


def closing_of(case: Case, first: date) -> Closing | None:
    """What closed a question that a first sample on `first` had opened."""
    over, frozen = course_over(case), study_cells(case)
    return over if over is not None else frozen if frozen is not None and first <= frozen.on else None


def nothing_more_comes(case: Case) -> Closing | None:
    """Why no further sample is read in this case: the course is over, or it is read as it stood at the study cells."""
    over, frozen = course_over(case), study_cells(case)
    return over if over is not None else frozen if frozen is not None and frozen.on == case.until else None


def frozen_since(case: Case) -> tuple[str, ...]:
    """The caution of every finding that study cells froze."""
    on = case.study_cells_on
    if on is None:
        return ()
    day = wording.day(case.timeline.day_of(on))
    return (f"frozen as it stood on {day}, when study cells were given; later samples are surveillance",)


def surveillance_only(case: Case) -> tuple[str, ...]:
    """The caution of every finding that reads samples from after the study cells."""
    frozen = study_cells(case)
    if frozen is None or frozen.on >= case.until:
        return ()
    return (f"surveillance only since {frozen.words}: the eligibility evaluation is frozen as it stood then",)
