"""How long B cells stayed away: the duration of B-cell aplasia of a course, as the protocol in use defines it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labmon.domain import wording
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import DrugClass, SpecimenType
from labmon.kinetics.nca import DEFAULT_SETTINGS
from labmon.kinetics.parameters import Parameter, SeriesParameters, in_course, samples_of
from labmon.kinetics.persistence import Persistence, PersistenceState, aplasia_persistence
from labmon.kinetics.timeline import CourseEnd, Point, SeriesKey, Timeline, has_duplicate_times
from labmon.kinetics.withheld import Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class AplasiaDefinition:
    """When B cells count as gone and as back, by the protocol in use."""

    analyte: Analyte
    recovered_from: float
    """In the analyte's unit; aplasia is anything below."""
    confirming_samples: int
    min_days_apart: float
    source: str


def aplasia_parameters(timeline: Timeline, definitions: Sequence[AplasiaDefinition]) -> tuple[SeriesParameters, ...]:
    """The duration of B-cell aplasia by the first definition whose analyte was measured in blood; none, nothing."""
    for definition in definitions:
        points = in_course(timeline.evaluable(definition.analyte, SpecimenType.PERIPHERAL_BLOOD), timeline.ended)
        if points:
            return (_of_series(definition, points, timeline),)
    return ()


def _of_series(definition: AplasiaDefinition, points: Sequence[Point], timeline: Timeline) -> SeriesParameters:
    key = SeriesKey(analyte=definition.analyte, specimen_type=SpecimenType.PERIPHERAL_BLOOD)
    if has_duplicate_times(points):
        stay = Persistence(state=PersistenceState.NOT_ESTABLISHED, withheld=Withheld.DUPLICATE_TIMES, n=len(points))
    else:
        stay = aplasia_persistence(
            samples_of(points),
            recovered_from=definition.recovered_from,
            confirming_samples=definition.confirming_samples,
            min_days_apart=definition.min_days_apart,
        )
    limit = wording.limit_amount(definition.recovered_from, definition.analyte.unit)
    notes = []
    if stay.confirmed_day is not None:
        notes.append(f"recovery confirmed on {wording.day(stay.confirmed_day)}")
    if stay.transient_days:
        notes.append(f"B cells once on {', '.join(wording.day(day) for day in stay.transient_days)}")
    if timeline.ended is not None and stay.state in (PersistenceState.ONGOING, PersistenceState.UNCONFIRMED):
        notes.append(f"censored by {timeline.ended.kind.label} on {wording.day(timeline.ended.day)}")
    if stay.left_day is not None and _b_cells_depleted(timeline):
        notes.append("a drug that depletes B cells was given: the aplasia may be the drug's")
    parameter = Parameter(
        name="b_cell_aplasia",
        label="B-cell aplasia",
        unit="d",
        interval=None if stay.left_day is None else (stay.left_day, stay.right_day),
        n=stay.n,
        rule=(
            f"CD19+ below {limit}; {definition.confirming_samples} consecutive samples at or above it, at least "
            f"{wording.limit(definition.min_days_apart)} d apart, end it ({definition.source})"
        ),
        withheld=stay.withheld,
        text=_aplasia_text(stay, timeline.ended),
        notes=tuple(notes),
    )
    return SeriesParameters(
        key=key,
        course_number=timeline.course_number,
        settings=DEFAULT_SETTINGS,
        ended=timeline.ended,
        parameters=(parameter,),
        persistence=stay,
    )


def _b_cells_depleted(timeline: Timeline) -> bool:
    return any(
        drug.drug_class is DrugClass.B_CELL_DEPLETING
        and timeline.infusion.infused_on <= drug.started_on <= timeline.as_of
        for drug in timeline.record.medications
    )


def _aplasia_text(stay: Persistence, ended: CourseEnd | None) -> str:
    if stay.left_day is None:
        return f"not established: {stay.withheld.sentence}" if stay.withheld else "not established"
    interval = f"{wording.interval(stay.left_day, stay.right_day)}{wording.NO_BREAK_SPACE}d"
    match stay.state:
        case PersistenceState.LOST:
            return f"ended in {interval}"
        case PersistenceState.UNCONFIRMED:
            return f"{interval}; B cells on {wording.day(stay.unconfirmed_day or 0)}, unconfirmed"
        case PersistenceState.CONFLICT:
            return f"ended in {interval}, aplastic again on {wording.day(stay.redetected_day or 0)}: a person decides"
        case _:
            return interval if ended is not None else f"{interval}, ongoing"
