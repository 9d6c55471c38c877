"""CAR flow: gate counts of a specimen become percentages and cells per µL, with their counts and denominators kept.

A population is known by what its gate path stands for; a percentage is always made from two counts of one sample. A
percentage the file prints without counts is kept and held (F304): it has no LOD, no LLOQ, and no rule reads it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from labmon.assays.assay_input import OMITTED, AssayInput, SpecimenReadings, plain_number, sort_to_specimens
from labmon.assays.definition import AssayDefinition, FlowSettings
from labmon.assays.detection_limits import percent_of, quantity_by_events
from labmon.assays.made_results import MadeDraft, MadeRun, RejectedReadings
from labmon.assays.plausibility import implausible
from labmon.assays.specimen_age import impossible_age, specimen_age
from labmon.domain.analyte import Analyte, Measurand
from labmon.domain.issue import Issue
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import Reading, ReadingKind
from labmon.domain.result import ResultDraft
from labmon.domain.run import Acceptance, Run
from labmon.domain.wording import THIN_SPACE, number

_KINDS = frozenset({ReadingKind.COUNT, ReadingKind.PERCENT_OF_PARENT, ReadingKind.STATISTIC})
_BAR = " | "
_SCIENTIFIC = re.compile(r"\d[eE][+-]?\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Percentage:
    """One percentage labmon makes: its numerator, its denominator, and whether the assay's own LLOQ applies."""

    analyte: Analyte
    numerator: Measurand
    denominator: Measurand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Concentration:
    """Cells per µL: the events they are counted from, and the formula column that may state them."""

    analyte: Analyte
    events: Measurand
    formula: Measurand


_PERCENTAGES = (
    _Percentage(
        analyte=Analyte.CAR_POS_PCT_OF_CD3, numerator=Measurand.CAR_POS_EVENTS, denominator=Measurand.CD3_EVENTS
    ),
    _Percentage(analyte=Analyte.CD19_PCT_OF_WBC, numerator=Measurand.CD19_EVENTS, denominator=Measurand.WBC_EVENTS),
    _Percentage(
        analyte=Analyte.CD19_PCT_OF_LYMPHOCYTES,
        numerator=Measurand.CD19_EVENTS,
        denominator=Measurand.LYMPHOCYTE_EVENTS,
    ),
    *(
        _Percentage(analyte=analyte, numerator=marker, denominator=Measurand.CAR_POS_EVENTS)
        for analyte, marker in (
            (Analyte.PD1_PCT_OF_CAR_POS, Measurand.PD1_CAR_POS_EVENTS),
            (Analyte.TIM3_PCT_OF_CAR_POS, Measurand.TIM3_CAR_POS_EVENTS),
            (Analyte.LAG3_PCT_OF_CAR_POS, Measurand.LAG3_CAR_POS_EVENTS),
            (Analyte.TIGIT_PCT_OF_CAR_POS, Measurand.TIGIT_CAR_POS_EVENTS),
            (Analyte.CD39_PCT_OF_CAR_POS, Measurand.CD39_CAR_POS_EVENTS),
        )
    ),
)
_CONCENTRATIONS = (
    _Concentration(
        analyte=Analyte.CAR_POS_CELLS_PER_UL,
        events=Measurand.CAR_POS_EVENTS,
        formula=Measurand.CAR_POS_CELLS_PER_UL,
    ),
    _Concentration(
        analyte=Analyte.CD19_CELLS_PER_UL, events=Measurand.CD19_EVENTS, formula=Measurand.CD19_CELLS_PER_UL
    ),
)
_EITHER = frozenset({Measurand.WBC_EVENTS, Measurand.LYMPHOCYTE_EVENTS})
"""B cells may be given of either; one of the two being absent is no defect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Population:
    """What one sample says about one measurand."""

    measurand: Measurand
    target: str
    count: float | None = None
    """None: not computed, or refused as a count."""
    count_index: int | None = None
    percent: float | None = None
    percent_index: int | None = None
    statistic: float | None = None
    statistic_index: int | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def indices(self) -> tuple[int, ...]:
        return tuple(i for i in (self.count_index, self.percent_index, self.statistic_index) if i is not None)


def make_runs(file: AssayInput, definition: AssayDefinition, run_code: str) -> tuple[MadeRun, ...]:
    """One run; readings of gates nobody mapped are rejected (I118), ignored gates are left aside."""
    assert definition.flow is not None  # load_definition refuses a flow assay without its settings
    targets = {r.target for r in file.file.readings if _speaks_of_cells(r) and r.target is not None}
    meant = {t: m for t in targets if (m := file.mapping.measurand_of(t, definition)) is not None}
    unmapped: dict[str | None, list[int]] = defaultdict(list)
    used: list[int] = []
    for index, reading in enumerate(file.file.readings):
        if not _speaks_of_cells(reading):
            continue
        target = reading.target
        if target is None or target not in meant:
            unmapped[target].append(index)
        elif meant[target] is not Measurand.IGNORED:
            used.append(index)
    rejected = [file.rejected_target(target, indices) for target, indices in unmapped.items()]
    groups, unplaced = sort_to_specimens(file, used, definition)
    acquired_at = {r.sample: str(r.value) for r in file.file.readings if r.kind is ReadingKind.ACQUIRED_AT}
    made: list[MadeDraft] = []
    for group in groups:
        acquired = acquired_at.get(group.sample, file.file.run_started_at)
        tube = _Tube(file, definition, definition.flow, run_code, group, meant, acquired)
        made.extend(tube.make())
        rejected.extend(tube.rejected)
    run = Run(
        run_code=run_code,
        file_sha256=file.file.sha256,
        assay_id=definition.id,
        assay_version=definition.version,
        acceptance=Acceptance.ACCEPTED,
        instrument=file.file.instrument,
        run_started_at=file.file.run_started_at,
    )
    return (MadeRun(run=run if used else None, made=tuple(made), rejected=(*rejected, *unplaced)),)


def _speaks_of_cells(reading: Reading) -> bool:
    """Counts, percentages and formulas; a statistic of a gate's fluorescence ("CD3+ | Median (APC-A)") is neither."""
    return reading.kind in _KINDS and not (reading.kind is ReadingKind.STATISTIC and _BAR in (reading.target or ""))


class _Tube:
    """The populations of one sample on their way to results."""

    def __init__(
        self,
        file: AssayInput,
        definition: AssayDefinition,
        settings: FlowSettings,
        run_code: str,
        group: SpecimenReadings,
        meant: Mapping[str, Measurand],
        acquired_at: str | None,
    ) -> None:
        self._file = file
        self._definition = definition
        self._settings = settings
        self._run_code = run_code
        self._group = group
        self._meant = meant
        self._acquired_at = acquired_at
        self.rejected: list[RejectedReadings] = []
        self._populations = self._put_together()
        self._counts = {p.target: p for p in self._populations.values() if p.count is not None}
        self._age = specimen_age(group.specimen, acquired_at)

    def make(self) -> Iterable[MadeDraft]:
        for percentage in _PERCENTAGES:
            draft = self._percentage(percentage)
            if draft is not None:
                yield draft
        for concentration in _CONCENTRATIONS:
            draft = self._concentration(concentration)
            if draft is not None:
                yield draft

    def _put_together(self) -> dict[Measurand, _Population]:
        """Each measurand's readings; two gates of a sample that mean the same are a question, not a choice (I205)."""
        by_target: dict[str, list[int]] = defaultdict(list)
        for index in self._group.indices:
            by_target[self._file[index].target or ""].append(index)
        by_measurand: dict[Measurand, list[str]] = defaultdict(list)
        for target in sorted(by_target):
            by_measurand[self._meant[target]].append(target)
        populations = {}
        for measurand, targets in by_measurand.items():
            indices = [index for target in targets for index in by_target[target]]
            kinds = [self._file[index].kind for index in indices]
            if len(targets) > 1 or len(set(kinds)) < len(kinds):
                what = f"{measurand.value} ({' and '.join(targets)})"
                parameters = {"specimen": self._group.specimen.specimen_code, "analyte": what}
                issue = Issue(code="I205", place=self._file[indices[0]].place, parameters=parameters)
                self.rejected.append(self._file.rejected(indices, issue))
            else:
                populations[measurand] = self._population(measurand, targets[0], indices)
        return populations

    def _population(self, measurand: Measurand, target: str, indices: Sequence[int]) -> _Population:
        of_kind = {self._file[index].kind: index for index in indices}
        count_index = of_kind.get(ReadingKind.COUNT)
        percent_index = of_kind.get(ReadingKind.PERCENT_OF_PARENT)
        statistic_index = of_kind.get(ReadingKind.STATISTIC)
        issues = list(self._file.issues_about(indices))
        count = None
        if count_index is not None:
            reading = self._file[count_index]
            count = plain_number(reading)
            codes = {issue.code for issue in issues}
            if _SCIENTIFIC.search(reading.raw):
                count = None
                if "F306" not in codes:
                    issues.append(Issue(code="F306", place=reading.place, parameters={"raw": reading.raw}))
            elif count is None and not codes:
                issues.append(Issue(code="F303", place=reading.place))
        return _Population(
            measurand=measurand,
            target=target,
            count=count,
            count_index=count_index,
            percent=plain_number(self._file[percent_index]) if percent_index is not None else None,
            percent_index=percent_index,
            statistic=plain_number(self._file[statistic_index]) if statistic_index is not None else None,
            statistic_index=statistic_index,
            issues=tuple(issues),
        )

    def _percentage(self, wanted: _Percentage) -> MadeDraft | None:
        numerator = self._populations.get(wanted.numerator)
        denominator = self._populations.get(wanted.denominator)
        if numerator is None or (numerator.count_index is None and numerator.percent_index is None):
            return None
        if numerator.count_index is None or denominator is None or denominator.count_index is None:
            return self._percentage_without_counts(wanted, numerator)
        used = [numerator, denominator]
        issues = self._issues_of(used)
        events, of_events = numerator.count, denominator.count
        if events is None or of_events is None:
            quantity = Quantity.without_value(ValueState.NO_RESULT, Unit.PERCENT)
        elif of_events == 0:
            quantity = Quantity.without_value(ValueState.NO_RESULT, Unit.PERCENT)
            issues.append(self._too_few(0, self._settings.lod_events.value, f"measure {wanted.analyte.label}"))
        else:
            is_car = wanted.analyte is Analyte.CAR_POS_PCT_OF_CD3
            quantity = quantity_by_events(
                events,
                value=percent_of(events, of_events),
                unit=Unit.PERCENT,
                per_event=percent_of(1, of_events),
                lod_events=self._settings.lod_events.value,
                lloq_events=self._settings.lloq_events.value,
                lloq_floor=self._settings.lloq_pct_of_cd3.value if is_car else 0.0,
            )
            if is_car:
                issues.extend(self._cd3_issue(quantity, of_events))
        basis = self._basis(used)
        return self._draft(wanted.analyte, quantity, [i for p in used for i in _count_indices(p)], issues, basis)

    def _percentage_without_counts(self, wanted: _Percentage, numerator: _Population) -> MadeDraft | None:
        """The printed percentage, if its parent is the denominator asked for; held, for it has no counts (F304)."""
        parent = self._meant.get(numerator.target.rpartition("/")[0])
        is_of_denominator = numerator.percent is not None and parent is wanted.denominator
        given = {parent, *self._populations}
        if not is_of_denominator and wanted.denominator in _EITHER and given & (_EITHER - {wanted.denominator}):
            return None
        issues = self._issues_of([numerator])
        place = self._file[numerator.indices[0]].place
        issues.append(Issue(code="F304", place=place, parameters={"what": wanted.analyte.label}))
        if is_of_denominator and numerator.percent is not None and numerator.percent >= 0:
            quantity = Quantity(value=numerator.percent, unit=Unit.PERCENT, state=ValueState.QUANTIFIED)
        else:
            quantity = Quantity.without_value(ValueState.NO_RESULT, Unit.PERCENT)
        return self._draft(wanted.analyte, quantity, numerator.indices, issues, self._basis([numerator]))

    def _cd3_issue(self, quantity: Quantity, cd3_events: float) -> list[Issue]:
        """F311 where a low or absent CAR+ percentage rests on fewer CD3+ events than such a call needs."""
        limits = self._settings
        if quantity.state is ValueState.NOT_DETECTED and cd3_events < limits.cd3_events_to_exclude.value:
            return [self._too_few(cd3_events, limits.cd3_events_to_exclude.value, "exclude 0.1 % CAR+")]
        if quantity.state is ValueState.DETECTED_BELOW_LLOQ and cd3_events < limits.cd3_events_to_quantify.value:
            return [self._too_few(cd3_events, limits.cd3_events_to_quantify.value, "quantify 0.1 % CAR+")]
        return []

    def _concentration(self, wanted: _Concentration) -> MadeDraft | None:
        """Cells per µL: the file's formula column where it has one, checked against counts and beads; else computed."""
        formula = self._populations.get(wanted.formula)
        cells = self._populations.get(wanted.events)
        beads = self._populations.get(Measurand.BEAD_EVENTS)
        lot = self._settings.beads
        has_column = formula is not None and formula.statistic_index is not None
        if not has_column and (cells is None or cells.count_index is None or beads is None):
            return None
        used = [p for p in (formula, cells, beads) if p is not None]
        issues = self._issues_of(used)
        basis = self._basis([p for p in (cells, beads) if p is not None])
        events = cells.count if cells is not None else None
        computed: float | None = None
        per_event: float | None = None
        if beads is not None and beads.count and lot is not None:
            per_event = lot.beads_per_ul / beads.count
            computed = events * per_event if events is not None else None
            basis |= {
                "bead_lot": lot.lot,
                "beads_per_test": lot.beads_per_test.value,
                "test_volume_ul": lot.test_volume_ul.value,
            }
        elif not has_column:
            code = "F310" if lot is None else "F303"
            issues.append(Issue(code=code, place=self._file[used[-1].indices[0]].place))
        printed = formula.statistic if formula is not None else None
        if printed is not None and computed is not None:
            issues.extend(self._formula_issue(wanted.analyte, printed, computed, formula))
        value = printed if printed is not None else computed
        if printed is not None and per_event is None and events:
            per_event = printed / events
        unit = wanted.analyte.unit
        if value is None or value < 0:
            quantity = Quantity.without_value(ValueState.NO_RESULT, unit)
        elif events is None:
            place = self._file[used[0].indices[0]].place
            issues.append(Issue(code="F304", place=place, parameters={"what": wanted.analyte.label}))
            quantity = Quantity(value=value, unit=unit, state=ValueState.QUANTIFIED)
        else:
            quantity = quantity_by_events(
                events,
                value=value,
                unit=unit,
                per_event=per_event,
                lod_events=self._settings.lod_events.value,
                lloq_events=self._settings.lloq_events.value,
            )
        indices = [
            i for p in used for i in ((p.statistic_index,) if p is formula else _count_indices(p)) if i is not None
        ]
        return self._draft(wanted.analyte, quantity, indices, issues, basis)

    def _formula_issue(
        self, analyte: Analyte, printed: float, computed: float, formula: _Population | None
    ) -> list[Issue]:
        tolerance = self._settings.formula_tolerance_pct.value / 100
        if formula is None or abs(printed - computed) <= max(abs(printed), abs(computed)) * tolerance:
            return []
        parameters = {"what": analyte.label, "printed": number(printed), "computed": number(computed)}
        return [Issue(code="F312", place=self._file[formula.indices[0]].place, parameters=parameters)]

    def _issues_of(self, used: Sequence[_Population]) -> list[Issue]:
        """The issues of these populations: the reader's, a child larger than its parent, a specimen too old."""
        issues = [issue for population in used for issue in population.issues]
        issues.extend(impossible_age(self._group.specimen, self._acquired_at))
        limit_h = self._settings.specimen_age_limit_h.value
        if self._age is None:
            issues.append(Issue(code="F313"))
        if self._age is not None and self._age.least_h > limit_h:
            issues.append(Issue(code="F309", parameters={"age_h": str(self._age), "limit_h": number(limit_h)}))
        targets = {population.target for population in used}
        for target, child in self._counts.items():
            parent = self._counts.get(target.rpartition("/")[0])
            if parent is None or child.count is None or parent.count is None or child.count <= parent.count:
                continue
            if {target, parent.target} & targets:
                issues.append(self._exceeds(child, parent))
        events = [p for p in used if p.measurand is not Measurand.BEAD_EVENTS and p.count is not None]
        if len(events) == 2:
            child, parent = events
            is_direct = child.target.rpartition("/")[0] == parent.target
            if not is_direct and (child.count or 0) > (parent.count or 0):
                issues.append(self._exceeds(child, parent))
        return issues

    def _exceeds(self, child: _Population, parent: _Population) -> Issue:
        parameters = {
            "child": child.target,
            "child_count": f"{child.count or 0:g}",
            "parent": parent.target,
            "parent_count": f"{parent.count or 0:g}",
        }
        return Issue(code="F307", place=self._file[child.indices[0]].place, parameters=parameters)

    def _too_few(self, events: float, needed: float, purpose: str) -> Issue:
        shown = (f"{count:,.0f}".replace(",", THIN_SPACE) for count in (events, needed))
        parameters = dict(zip(("events", "needed"), shown, strict=True)) | {"purpose": purpose}
        return Issue(code="F311", parameters=parameters)

    def _basis(self, used: Sequence[_Population]) -> dict[str, float | str]:
        basis: dict[str, float | str] = {"sample_name": self._group.sample}
        events = [p for p in used if p.count is not None]
        for population in events:
            assert population.count is not None
            basis[population.measurand.value] = population.count
        if used:
            basis["population"] = used[0].target
        if len(used) > 1:
            basis["denominator"] = used[1].target
        if self._age is not None and self._age.exact_h is not None:
            basis["specimen_age_h"] = self._age.exact_h
        elif self._age is not None and self._age.most_h >= 0:
            basis["specimen_age_at_most_h"] = self._age.most_h  # a day alone can be enough: acquired by 14:00 that day
        return basis

    def _draft(
        self,
        analyte: Analyte,
        quantity: Quantity,
        indices: Iterable[int],
        issues: Iterable[Issue],
        basis: dict[str, float | str],
    ) -> MadeDraft:
        positions = tuple(sorted(set(indices)))
        band = self._definition.plausible.get(analyte)
        outside = implausible(analyte.label, quantity, low=band.low, high=band.high) if band else ()
        draft = ResultDraft(
            specimen_code=self._group.specimen.specimen_code,
            analyte=analyte,
            quantity=quantity,
            run_code=self._run_code,
            basis=basis,
            provenance=self._file.provenance(positions),
            issues=(*issues, *outside),
            excluded_reason=OMITTED if any(self._file[i].is_omitted for i in positions) else None,
        )
        return MadeDraft(draft=draft, indices=positions)


def _count_indices(population: _Population) -> tuple[int, ...]:
    return (population.count_index,) if population.count_index is not None else ()
