"""What is reported of a timeline: every kinetic parameter as a number with its rule, or the reason it is withheld."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labmon.domain import wording
from labmon.domain.clinical import SpecimenType
from labmon.kinetics.nca import DEFAULT_SETTINGS, TAUS, Nca, NcaSettings, Sample, analyse, evaluable_profile
from labmon.kinetics.persistence import Persistence, PersistenceState, persistence
from labmon.kinetics.phases import Phases, PhaseValue, phases
from labmon.kinetics.timeline import (
    KINETIC_ANALYTES,
    CourseEnd,
    Point,
    SeriesKey,
    Timeline,
    contradictory_limits,
    has_duplicate_times,
)
from labmon.kinetics.withheld import Withheld

_EARLY_PEAK_DAYS = 1.0
"""A peak this early may be carried over from the infusion line (Mueller 2018)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of one series. `text` is what a table shows: the value with its unit, or why there is none."""

    name: str
    label: str
    unit: str
    """On screen: "copies/µg", "d", "d·copies/µg", "1/d"."""
    value: float | None = None
    interval: tuple[float, float | None] | None = None
    """For what is only known to lie between two samples, open to the left; no right end means censored."""
    confidence: tuple[float, float | None] | None = None
    """95 % confidence interval of a regression; no right end is unbounded."""
    n: int = 0
    """Samples it rests on."""
    rule: str
    withheld: Withheld | None = None
    text: str
    notes: tuple[str, ...] = ()
    """What a reader must know to believe the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesParameters:
    """The parameters of one series of one course."""

    key: SeriesKey
    course_number: int
    settings: NcaSettings
    ended: CourseEnd | None
    """What ended the course; later samples are left out."""
    parameters: tuple[Parameter, ...]
    persistence: Persistence

    @property
    def title(self) -> str:
        return f"{self.key.analyte.label}, {self.key.analyte.unit.symbol}"

    def get(self, name: str) -> Parameter:
        """The parameter of this name; raises KeyError for a name that does not exist."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


def kinetic_parameters(timeline: Timeline, settings: NcaSettings = DEFAULT_SETTINGS) -> tuple[SeriesParameters, ...]:
    """Parameters of the blood series the course has; marrow is drawn too rarely for an area and is never converted."""
    found = []
    for analyte in KINETIC_ANALYTES:
        points = timeline.evaluable(analyte, SpecimenType.PERIPHERAL_BLOOD)
        if points:
            key = SeriesKey(analyte=analyte, specimen_type=SpecimenType.PERIPHERAL_BLOOD)
            found.append(_series_parameters(key, points, timeline, settings))
    return tuple(found)


def in_course(points: Sequence[Point], ended: CourseEnd | None) -> list[Point]:
    """The points from the infusion until something ended the course."""
    return [p for p in points if p.day >= 0 and (ended is None or p.collected_on < ended.on)]


def samples_of(points: Sequence[Point]) -> tuple[Sample, ...]:
    """The points as samples of a profile."""
    return tuple(
        Sample(
            point.day,
            point.result.quantity.value,
            point.result.quantity.state,
            point.result.quantity.lloq,
            point.result.quantity.uloq,
        )
        for point in points
    )


def _series_parameters(
    key: SeriesKey, points: Sequence[Point], timeline: Timeline, settings: NcaSettings
) -> SeriesParameters:
    ended = timeline.ended
    of_course = in_course(points, ended)
    refused: Withheld | None = None
    if has_duplicate_times(of_course):
        refused = Withheld.DUPLICATE_TIMES
    elif len({p.result.quantity.unit for p in of_course}) > 1:
        refused = Withheld.UNITS_MIXED
    elif contradictory_limits(key.analyte, of_course):
        refused = Withheld.CONTRADICTORY_LIMITS
    samples = samples_of(of_course)
    nca = analyse(samples, settings)
    stay = persistence(samples)
    parameters = _Reporter(key=key, samples=samples, nca=nca, settings=settings, ended=ended).report(
        phases(samples, nca), stay
    )
    if refused is not None:
        parameters = tuple(_refuse(parameter, refused) for parameter in parameters)
        stay = Persistence(state=PersistenceState.NOT_ESTABLISHED, withheld=refused, n=len(samples))
    return SeriesParameters(
        key=key,
        course_number=timeline.course_number,
        settings=settings,
        ended=ended,
        parameters=parameters,
        persistence=stay,
    )


def _refuse(parameter: Parameter, reason: Withheld) -> Parameter:
    return Parameter(
        name=parameter.name,
        label=parameter.label,
        unit=parameter.unit,
        n=parameter.n,
        rule=parameter.rule,
        withheld=reason,
        text=_not_reported(reason),
    )


def _not_reported(reason: Withheld) -> str:
    return f"not reported: {reason.sentence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reporter:
    """Puts the numbers of one profile into words."""

    key: SeriesKey
    samples: Sequence[Sample]
    nca: Nca
    settings: NcaSettings
    ended: CourseEnd | None

    def report(self, found: Phases, stay: Persistence) -> tuple[Parameter, ...]:
        concentration = self.key.analyte.unit.symbol
        per_day = "1/d"
        contraction_rule = "slope of ln(value) from the peak to day 28"
        persistence_rule = "slope of ln(value) from day 28 on"
        return (
            self._number("cmax", "Cmax", concentration, "largest quantified value", self._peak_notes()),
            self._number("tmax", "Tmax", "d", "first time of Cmax", self._tmax_notes()),
            self._number("tfirst", "Tfirst", "d", "first time at or above LLOQ"),
            self._number("tlast", "Tlast", "d", "last time at or above LLOQ", self._tlast_notes()),
            self._number("clast", "Clast", concentration, "value at Tlast"),
            self._area("auc_0_tlast", "AUC0–Tlast", None),
            *(self._area(f"auc_0_{tau}", f"AUC0–{tau} d", tau) for tau in TAUS),
            self._half_life(),
            self._number("lambda_z", "λz", per_day, _TERMINAL_RULE, n=self.nca.lambda_z_points or 0),
            _phase(
                "doubling_time_apparent",
                "Doubling time, apparent",
                "d",
                "least squares of ln(value) on days up to the peak",
                found.doubling_time_apparent,
            ),
            _phase(
                "doubling_time_bound",
                "Doubling time, at most",
                "d",
                "from the last sample below LLOQ to the first quantified one",
                found.doubling_time_bound,
            ),
            self._lag(found),
            _phase("contraction_slope", "Contraction slope", per_day, contraction_rule, found.contraction_slope),
            _phase("persistence_slope", "Persistence slope", per_day, persistence_rule, found.persistence_slope),
            self._persistence(stay),
        )

    def _number(
        self,
        name: str,
        label: str,
        unit: str,
        rule: str,
        notes: tuple[str, ...] = (),
        *,
        n: int | None = None,
        why: str | None = None,
    ) -> Parameter:
        value = self.nca.value(name)
        reason = self.nca.withheld.get(name)
        text = _amount(value, unit) if value is not None else why or (_not_reported(reason) if reason else "")
        return Parameter(
            name=name,
            label=label,
            unit=unit,
            value=value,
            n=self.nca.n_quantified if n is None else n,
            rule=rule,
            withheld=reason,
            text=text,
            notes=notes if reason is None else (),
        )

    def _area(self, name: str, label: str, tau: int | None) -> Parameter:
        unit = f"d·{self.key.analyte.unit.symbol}"
        rule = self.settings.words
        why: str | None = None
        notes: tuple[str, ...] = ()
        last = self.nca.last_sample
        whole = self.nca.auc_0_tlast
        if tau is not None and last is not None:
            if self.nca.withheld.get(name) is Withheld.LAST_SAMPLE_BEFORE_TAU:
                followed = f"followed to {wording.day(last)}"
                why = f"not reported: {followed}"
                if whole is not None:
                    why += f"; AUC0–{wording.decimal_day(last)} d is {_amount(whole, unit)}"
            elif self.nca.tlast is not None and self.nca.tlast < tau:
                notes = (
                    f"complete: last quantified on {wording.day(self.nca.tlast)}, followed past {wording.day(tau)}",
                )
            elif all(s.day != tau for s in self.samples):
                notes = (f"value on {wording.day(tau)} interpolated between its neighbours",)
        return self._number(name, label, unit, rule, notes, n=self.nca.n_samples, why=why)

    def _half_life(self) -> Parameter:
        nca = self.nca
        notes: tuple[str, ...] = ()
        if nca.adj_r_squared is not None and nca.span_ratio is not None and nca.lambda_z_first is not None:
            notes = (
                f"n {nca.lambda_z_points}, adj. R² {nca.adj_r_squared:.3f}, span {nca.span_ratio:.1f} half-lives",
                f"{wording.day(nca.lambda_z_first)} to {wording.day(nca.lambda_z_last or 0)}",
                "not a persistence half-life",
            )
        return self._number("half_life", "Half-life (λz)", "d", _TERMINAL_RULE, notes, n=nca.lambda_z_points or 0)

    def _lag(self, found: Phases) -> Parameter:
        rule = "from the last sample below LLOQ (or the infusion) to the first quantified one; no point estimate"
        if found.lag is None:
            reason = self.nca.withheld["tmax"]
            return Parameter(name="lag", label="Lag", unit="d", rule=rule, withheld=reason, text=_not_reported(reason))
        return Parameter(
            name="lag",
            label="Lag",
            unit="d",
            interval=found.lag,
            n=2 if found.lag_starts_at_blq else 1,
            rule=rule,
            text=f"{wording.interval(*found.lag)}{wording.NO_BREAK_SPACE}d",
            notes=() if found.lag_starts_at_blq else ("no sample below LLOQ before; counted from the infusion",),
        )

    def _peak_notes(self) -> tuple[str, ...]:
        if self.nca.tmax is None:
            return ()
        profile = evaluable_profile(self.samples)
        before = [s.day for s in profile if s.day < self.nca.tmax]
        after = [s.day for s in profile if s.day > self.nca.tmax]
        days = [wording.decimal_day(math.floor(d)) for d in (*before[-1:], *after[:1])]
        if not days:
            return ("the only sample",)
        if not after:
            return (f"peak not yet passed; sampled before on d {days[0]}",)
        return (f"neighbours sampled d {' and d '.join(days)}",) if before else (f"next sampled d {days[0]}",)

    def _tmax_notes(self) -> tuple[str, ...]:
        notes = []
        if self.nca.tmax is not None and self.nca.tmax < _EARLY_PEAK_DAYS:
            notes.append("earlier than day 1: may be carried over from the infusion line")
        if self.nca.tmax is not None and self.nca.tmax == self.nca.last_sample:
            notes.append("last sample: peak not yet passed")
        return tuple(notes)

    def _tlast_notes(self) -> tuple[str, ...]:
        return ("ongoing: the last sample is quantified",) if self.nca.tlast == self.nca.last_sample else ()

    def _persistence(self, stay: Persistence) -> Parameter:
        rule = "two consecutive evaluable samples below LLOQ on different days confirm a loss"
        interval = None if stay.left_day is None else (stay.left_day, stay.right_day)
        return Parameter(
            name="persistence",
            label="Persistence",
            unit="d",
            interval=interval,
            n=stay.n,
            rule=rule,
            withheld=stay.withheld,
            text=_persistence_text(stay, self.ended),
            notes=self._persistence_notes(stay),
        )

    def _persistence_notes(self, stay: Persistence) -> tuple[str, ...]:
        notes = []
        if stay.confirmed_day is not None:
            notes.append(f"confirmed on {wording.day(stay.confirmed_day)}")
        if stay.transient_days:
            days = ", ".join(wording.day(day) for day in stay.transient_days)
            notes.append(f"transiently below LLOQ on {days}")
        if len(stay.lloqs) > 1:
            limits = ", ".join(wording.limit(lloq) for lloq in stay.lloqs)
            notes.append(f"each sample judged by its own LLOQ: {limits} {self.key.analyte.unit.symbol}")
        if self.ended is not None and stay.state in (PersistenceState.ONGOING, PersistenceState.UNCONFIRMED):
            notes.append(f"censored by {self.ended.kind.label} on {wording.day(self.ended.day)}")
        return tuple(notes)


_TERMINAL_RULE = "log-linear regression of the last quantified samples after the peak, best adjusted R²"


def _phase(name: str, label: str, unit: str, rule: str, found: PhaseValue) -> Parameter:
    if found.value is None:
        text = _not_reported(found.withheld) if found.withheld else ""
    else:
        text = _amount(found.value, unit)
    return Parameter(
        name=name,
        label=label,
        unit=unit,
        value=found.value,
        confidence=found.confidence,
        n=found.n,
        rule=rule,
        withheld=found.withheld,
        text=text,
        notes=_phase_notes(found, unit),
    )


def _phase_notes(found: PhaseValue, unit: str) -> tuple[str, ...]:
    if found.value is None:
        return ()
    if found.confidence is None:
        return (f"n {found.n}",)
    low, high = found.confidence
    ends = f"{wording.number(low)} to {wording.number(high)}" if high is not None else f"from {wording.number(low)} on"
    return f"n {found.n}", f"95{wording.NO_BREAK_SPACE}% CI {ends}{wording.NO_BREAK_SPACE}{unit}"


def _persistence_text(stay: Persistence, ended: CourseEnd | None) -> str:
    space = wording.NO_BREAK_SPACE
    if stay.left_day is None:
        return f"not established: {stay.withheld.sentence}" if stay.withheld else "not established"
    interval = f"{wording.interval(stay.left_day, stay.right_day)}{space}d"
    match stay.state:
        case PersistenceState.LOST:
            return f"lost in {interval}"
        case PersistenceState.UNCONFIRMED:
            return f"{interval}; below LLOQ on {wording.day(stay.unconfirmed_day or 0)}, unconfirmed"
        case PersistenceState.CONFLICT:
            return f"lost in {interval}, quantified again on {wording.day(stay.redetected_day or 0)}: a person decides"
        case _:
            return interval if ended is not None else f"{interval}, ongoing"


def _amount(value: float, unit: str) -> str:
    number = f"{value:.0f}" if unit == "d" and value == math.floor(value) else wording.number(value)
    return f"{number}{wording.NO_BREAK_SPACE}{unit}"
