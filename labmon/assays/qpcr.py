"""Transgene qPCR: wells become curve, controls and, per specimen, copies per reaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from labmon.assays import acceptance, controls, replicates, standard_curve
from labmon.assays.assay_input import OMITTED, AssayInput, SpecimenReadings, plain_number, sort_to_specimens
from labmon.assays.controls import Role, WellRole
from labmon.assays.definition import AssayDefinition, QpcrSettings
from labmon.assays.made_results import MadeDraft, MadeRun, RejectedReadings
from labmon.assays.replicates import Combined, Replicate, WellOutcome
from labmon.assays.specimen_age import impossible_age
from labmon.domain.analyte import Analyte, Measurand
from labmon.domain.issue import Issue
from labmon.domain.reading import Qualifier, Reading, ReadingKind, Task
from labmon.domain.result import ResultDraft
from labmon.domain.run import CurvePoint, Run, RunCheck, StandardCurve
from labmon.domain.wording import number

_WELL_KINDS = frozenset({ReadingKind.CQ, ReadingKind.QUANTITY, ReadingKind.QUANTITY_GIVEN})
_CURVE_KINDS = frozenset({ReadingKind.SLOPE, ReadingKind.INTERCEPT, ReadingKind.R2, ReadingKind.EFFICIENCY})
_OUTCOME_OF = {
    Qualifier.UNDETERMINED: WellOutcome.NO_CQ,
    Qualifier.NO_CALL: WellOutcome.NO_CALL,
    Qualifier.NOT_COMPUTED: WellOutcome.FAILED,
    Qualifier.SATURATED: WellOutcome.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Well:
    """One well of one target, with the readings it was put together from."""

    well: str | None
    sample: str | None
    role: WellRole
    replicate: Replicate
    given_copies: float | None
    printed_copies: float | None
    unit: str | None
    """Of the printed copies, or of those given to a standard."""
    indices: tuple[int, ...]


def make_runs(file: AssayInput, definition: AssayDefinition, run_code: str) -> tuple[MadeRun, ...]:
    """One run for each transgene target; readings of targets nobody mapped are rejected (I118)."""
    assert definition.qpcr is not None  # load_definition refuses a qPCR assay without its settings
    by_target: dict[str | None, list[int]] = defaultdict(list)
    for index, reading in enumerate(file.file.readings):
        if reading.kind in _WELL_KINDS or reading.kind in _CURVE_KINDS:
            by_target[reading.target].append(index)
    meant: dict[Measurand, list[str]] = defaultdict(list)
    rejected: list[RejectedReadings] = []
    shared_curve: list[int] = []
    for target, indices in by_target.items():
        measurand = file.mapping.measurand_of(target, definition)
        if measurand is not None and target is not None:
            meant[measurand].append(target)
        elif target is None and all(file[index].kind in _CURVE_KINDS for index in indices):
            shared_curve = indices  # constants the file states once, for all its targets
        else:
            rejected.append(file.rejected_target(target, indices))
    reference = _reference_wells(
        file, (i for t in meant[Measurand.REFERENCE_GENE] for i in by_target[t]), definition.qpcr
    )
    targets = sorted(meant[Measurand.TRANSGENE])
    made = []
    for position, target in enumerate(targets):
        code = run_code if len(targets) == 1 else f"{run_code}/{target}"
        plate = _Plate(file, definition, definition.qpcr, code, by_target[target] + shared_curve, reference)
        run = plate.make()
        made.append(run if position else replace(run, rejected=(*rejected, *run.rejected)))
    if not made:
        made = [MadeRun(run=None, rejected=tuple(rejected))]
    return tuple(made)


class _Plate:
    """The wells of one transgene target on their way to results."""

    def __init__(
        self,
        file: AssayInput,
        definition: AssayDefinition,
        settings: QpcrSettings,
        run_code: str,
        indices: Sequence[int],
        reference: Mapping[str, tuple[Replicate, ...]],
    ) -> None:
        self._file = file
        self._definition = definition
        self._settings = settings
        self._run_code = run_code
        self._reference = reference
        self._curve_indices = [i for i in indices if file[i].kind in _CURVE_KINDS]
        wells = _wells(file, [i for i in indices if file[i].kind in _WELL_KINDS], settings)
        self._standards = _standard_points(wells)
        fitted = standard_curve.fit(self._standards)
        printed, self._several = _printed_curve(file, self._curve_indices)
        self._disagreements = standard_curve.disagreements(fitted, printed, settings.curve)
        self._curve = standard_curve.judged(fitted, printed)
        given_in = {well.unit for well in wells if well.role.role is Role.STANDARD and well.unit is not None}
        self._foreign_units = sorted(filter(self._is_foreign, given_in))
        self._is_curve_printed = printed.slope is not None and printed.intercept is not None
        self._wells = [self._with_copies(well) for well in wells]
        self._of_reading = {index: well for well in self._wells for index in well.indices}

    def make(self) -> MadeRun:
        checks = self._checks()
        samples = [well for well in self._wells if well.role.role is Role.SPECIMEN]
        by_specimen, rejected = sort_to_specimens(
            self._file, [index for well in samples for index in well.indices], self._definition
        )
        unknown = self._unknown_controls()
        run = Run(
            run_code=self._run_code,
            file_sha256=self._file.file.sha256,
            assay_id=self._definition.id,
            assay_version=self._definition.version,
            acceptance=acceptance.acceptance_of(checks),
            checks=checks,
            curve=self._curve_with_samples(samples),
            instrument=self._file.file.instrument,
            run_started_at=self._file.file.run_started_at,
        )
        place = self._file[self._curve_indices[0]].place if self._curve_indices else None
        constants = tuple(
            Issue(
                code="Q110",
                place=place,
                parameters={"what": d.what, "printed": number(d.printed, 4), "computed": number(d.computed, 4)},
            )
            for d in (*self._several, *self._disagreements)
        )
        return MadeRun(
            run=run,
            made=tuple(self._made(group) for group in by_specimen),
            rejected=(*unknown, *rejected),
            issues=(*acceptance.issues_of(checks), *constants),
        )

    def _checks(self) -> tuple[RunCheck, ...]:
        limits = self._settings
        ntc = [well.replicate for well in self._wells if well.role.role is Role.NTC]
        negative = [well.replicate for well in self._wells if well.role.role is Role.NEGATIVE_CONTROL]
        checks = [
            *acceptance.curve_checks(
                self._curve, self._standards, (*self._several, *self._disagreements), limits.curve
            ),
            controls.silence_check(ntc, self._standards, limits.ntc, check_id="ntc_outcome", title="NTC"),
        ]
        if negative:
            checks.append(
                controls.silence_check(
                    negative, self._standards, limits.ntc, check_id="control:negative", title="Negative control"
                )
            )
        for control in limits.controls:
            wells = [well.replicate for well in self._wells if well.role.control is control]
            check = controls.positive_check(control, wells)
            if check is not None:
                checks.append(check)
        return tuple(checks)

    def _unknown_controls(self) -> tuple[RejectedReadings, ...]:
        """Wells the file calls positive controls that the definition does not know: their copies are unknown."""
        rejected = []
        for well in self._wells:
            if well.role.role is Role.POSITIVE_CONTROL and well.role.control is None:
                detail = f'Positive control "{well.sample or ""}" is not in the assay definition'
                issue = Issue(code="I117", place=self._file[well.indices[0]].place, parameters={"detail": detail})
                rejected.append(self._file.rejected(well.indices, issue))
        return tuple(rejected)

    def _with_copies(self, well: _Well) -> _Well:
        """The well with the copies its file prints, else those of the curve; standards keep their given copies."""
        cq = well.replicate.cq
        copies = well.printed_copies
        if copies is None and cq is not None and self._curve is not None:
            copies = standard_curve.copies_at(self._curve, cq)
        return replace(well, replicate=replace(well.replicate, copies=copies))

    def _curve_with_samples(self, samples: Sequence[_Well]) -> StandardCurve | None:
        if self._curve is None:
            return None
        found = sorted(
            (well.replicate.copies, well.replicate.cq)
            for well in samples
            if well.replicate.cq is not None and well.replicate.copies is not None and not well.replicate.is_omitted
        )
        points = tuple(CurvePoint(copies=copies, cq=cq, is_standard=False) for copies, cq in found)
        return replace(self._curve, points=self._curve.points + points)

    def _made(self, group: SpecimenReadings) -> MadeDraft:
        wells = list({id(well): well for well in (self._of_reading[index] for index in group.indices)}.values())
        limits = self._settings
        combined = replicates.combine(
            [well.replicate for well in wells],
            lod=limits.lod_copies_per_reaction.value,
            lloq=limits.lloq_copies_per_reaction.value,
            uloq=limits.uloq_copies_per_reaction.value,
        )
        issues = [
            *self._file.issues_about(group.indices),
            *(issue for well in wells for issue in self._well_issues(well)),
            *replicates.spread_issues(combined, limits.cv_limit_pct.value),
            *impossible_age(group.specimen, self._file.file.run_started_at),
        ]
        all_omitted = combined.replicates_omitted == len(wells)
        draft = ResultDraft(
            specimen_code=group.specimen.specimen_code,
            analyte=Analyte.TRANSGENE_COPIES_PER_REACTION,
            quantity=combined.quantity,
            run_code=self._run_code,
            basis=self._basis(combined, group),
            provenance=self._file.provenance(group.indices),
            issues=tuple(issues),
            excluded_reason=OMITTED if all_omitted else None,
        )
        return MadeDraft(draft=draft, indices=tuple(sorted(group.indices)))

    def _well_issues(self, well: _Well) -> list[Issue]:
        place = self._file[well.indices[0]].place
        issues = []
        if well.replicate.is_omitted:
            issues.append(Issue(code="Q106", place=place))
        issues.extend(self._unit_issues(well))
        printed, cq = well.printed_copies, well.replicate.cq
        if self._is_curve_printed or well.replicate.is_omitted:
            return issues  # the reader compares a file's quantities with its own constants
        if printed is not None and cq is not None and self._curve is not None:
            computed = standard_curve.copies_at(self._curve, cq)
            if computed is None or _differs(printed, computed, self._settings.quantity_tolerance_pct.value):
                computed_text = number(computed) if computed is not None else "no number"
                parameters = {"printed": number(printed), "computed": computed_text}
                issues.append(Issue(code="Q104", place=place, parameters=parameters))
        return issues

    def _unit_issues(self, well: _Well) -> Iterator[Issue]:
        """I006 for copies in a unit the definition does not know: the printed one, else the standards' they come of."""
        if well.printed_copies is not None:
            foreign = [well.unit] if well.unit is not None and self._is_foreign(well.unit) else []
            what = "the quantity"
        else:
            foreign = self._foreign_units if well.replicate.copies is not None else []
            what = "the standards, which the curve gives the quantity in,"
        expected = self._settings.quantity_units[0]
        for unit in foreign:
            place = self._file[well.indices[0]].place
            yield Issue(code="I006", place=place, parameters={"what": what, "unit": unit, "expected": expected})

    def _is_foreign(self, unit: str) -> bool:
        return unit.casefold() not in {each.casefold() for each in self._settings.quantity_units}

    def _basis(self, combined: Combined, group: SpecimenReadings) -> dict[str, float | str]:
        """The numbers the value was made of, and the limits that held: what `derive` needs of this run."""
        limits = self._settings
        basis: dict[str, float | str | None] = {
            "replicates_detected": float(combined.replicates_detected),
            "replicates_total": float(combined.replicates_total),
            "replicates_omitted": float(combined.replicates_omitted),
            "cq_mean_cycles": combined.cq_mean_cycles,
            "cq_sd_cycles": combined.cq_sd_cycles,
            "replicate_cv_pct": combined.cv_pct,
            "replicate_mean": limits.replicate_mean.value,
            "curve_slope": self._curve.slope if self._curve else None,
            "pcr_efficiency_pct": self._curve.efficiency_pct if self._curve else None,
            "curve_r_squared": self._curve.r_squared if self._curve else None,
            "sample_name": group.sample,
            "template_volume_ul": limits.template_volume_ul.value,
            "dilution_factor": limits.dilution_factor.value,
            "gdna_ng_minimum": limits.gdna_ng_minimum.value,
            "lod_copies_per_ug_dna": limits.lod_copies_per_ug_dna.value,
            "lloq_copies_per_ug_dna": limits.lloq_copies_per_ug_dna.value,
            **self._reference_basis(group.sample),
        }
        for analyte in (Analyte.TRANSGENE_COPIES_PER_UG_DNA, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD):
            band = self._definition.plausible.get(analyte)
            name = f"plausible_high_{analyte.value.removeprefix('transgene_')}"
            basis[name] = band.high if band is not None else None
        return {name: value for name, value in basis.items() if value is not None}

    def _reference_basis(self, sample: str) -> dict[str, float | None]:
        wells = [w for w in self._reference.get(sample, ()) if not w.is_omitted]
        if not wells:
            return {}
        cqs = sorted(w.cq for w in wells if w.outcome is WellOutcome.CQ and w.cq is not None)
        return {
            "reference_replicates_detected": float(len(cqs)),
            "reference_replicates_total": float(len(wells)),
            "reference_cq_mean_cycles": replicates.mean(cqs) if cqs else None,
            "reference_cq_max_cycles": self._settings.reference_cq_max_cycles.value,
        }


def _wells(file: AssayInput, indices: Iterable[int], settings: QpcrSettings) -> list[_Well]:
    """Readings put together to wells: by well where the file names wells, else by row."""
    grouped: dict[object, list[int]] = defaultdict(list)
    for index in indices:
        reading = file[index]
        place = reading.place
        key = (reading.well, reading.sample) if reading.well is not None else (place.sheet, place.row, place.element)
        grouped[key].append(index)
    return [well for members in grouped.values() for well in _wells_of(file, members, settings)]


def _wells_of(file: AssayInput, members: Sequence[int], settings: QpcrSettings) -> Iterable[_Well]:
    """The well of these readings; a well the file lists with several Cq is as many wells as it has Cq."""
    cqs = [index for index in members if file[index].kind is ReadingKind.CQ]
    if len(cqs) <= 1:
        yield _well(file, members, settings)
        return
    by_row: dict[object, list[int]] = defaultdict(list)
    for index in members:
        place = file[index].place
        by_row[place.sheet, place.row, place.element].append(index)
    for row in by_row.values():
        if any(file[index].kind is ReadingKind.CQ for index in row):
            yield _well(file, row, settings)


def _well(file: AssayInput, members: Sequence[int], settings: QpcrSettings) -> _Well:
    readings = [file[index] for index in members]
    first = readings[0]
    by_kind = {reading.kind: reading for reading in reversed(readings)}
    task = next((r.task for r in readings if r.task not in (None, Task.UNKNOWN)), None)
    role = controls.role_of(task, first.sample, settings.ntc.names, settings.controls)
    cq_reading = by_kind.get(ReadingKind.CQ)
    quantity = by_kind.get(ReadingKind.QUANTITY)
    given = by_kind.get(ReadingKind.QUANTITY_GIVEN)
    cq = plain_number(cq_reading)
    printed = plain_number(quantity) if role.role is not Role.STANDARD else None
    omitted = any(r.is_omitted or r.qualifier is Qualifier.OMITTED for r in readings)
    return _Well(
        well=first.well,
        sample=first.sample,
        role=role,
        replicate=Replicate(outcome=_outcome(cq_reading, cq), cq=cq, is_omitted=omitted),
        given_copies=plain_number(given) if given is not None else plain_number(quantity),
        printed_copies=printed if cq is not None else None,
        unit=_unit_of(quantity, given, role),
        indices=tuple(members),
    )


def _unit_of(quantity: Reading | None, given: Reading | None, role: WellRole) -> str | None:
    """The unit of a well's quantity, or for a standard of the given one."""
    stated = (given or quantity) if role.role is Role.STANDARD else quantity
    return stated.unit if stated is not None and plain_number(stated) is not None else None


def _outcome(reading: Reading | None, cq: float | None) -> WellOutcome:
    """What the well said; a well without any Cq reading was not measured, which is no evidence of absence."""
    if cq is not None:
        return WellOutcome.CQ
    if reading is None or reading.qualifier is None:
        return WellOutcome.FAILED
    return _OUTCOME_OF.get(reading.qualifier, WellOutcome.FAILED)


def _standard_points(wells: Iterable[_Well]) -> tuple[CurvePoint, ...]:
    points = [
        CurvePoint(copies=well.given_copies, cq=well.replicate.cq, is_standard=True)
        for well in wells
        if well.role.role is Role.STANDARD
        and well.replicate.cq is not None
        and well.given_copies is not None
        and well.given_copies > 0
        and not well.replicate.is_omitted
    ]
    return tuple(sorted(points, key=lambda point: (point.copies, point.cq)))


def _printed_curve(
    file: AssayInput, indices: Iterable[int]
) -> tuple[standard_curve.PrintedCurve, tuple[standard_curve.Disagreement, ...]]:
    """The constants the file states, each once; a file that states two for one target disagrees with itself."""
    stated: dict[ReadingKind, list[float]] = defaultdict(list)
    for index in indices:
        value = plain_number(file[index])
        if value is not None and value not in stated[file[index].kind]:
            stated[file[index].kind].append(value)
    several = tuple(
        standard_curve.Disagreement(what=kind.value, printed=min(values), computed=max(values))
        for kind, values in sorted(stated.items())
        if len(values) > 1
    )
    one = {kind: min(values) for kind, values in stated.items() if values}
    return (
        standard_curve.PrintedCurve(
            slope=one.get(ReadingKind.SLOPE),
            intercept=one.get(ReadingKind.INTERCEPT),
            r_squared=one.get(ReadingKind.R2),
            efficiency_pct=one.get(ReadingKind.EFFICIENCY),
        ),
        several,
    )


def _reference_wells(
    file: AssayInput, indices: Iterable[int], settings: QpcrSettings
) -> dict[str, tuple[Replicate, ...]]:
    """The reference gene's wells by sample name."""
    found: dict[str, list[Replicate]] = defaultdict(list)
    for well in _wells(file, [i for i in indices if file[i].kind in _WELL_KINDS], settings):
        if well.role.role is Role.SPECIMEN and well.sample:
            found[well.sample.strip()].append(well.replicate)
    return {sample: tuple(wells) for sample, wells in found.items()}


def _differs(printed: float, computed: float, tolerance_pct: float) -> bool:
    return abs(printed - computed) > max(printed, computed) * tolerance_pct / 100
