"""Transgene digital PCR: partitions become controls and, per specimen, copies per reaction.

A concentration is that of the reaction; times the reaction's volume it is copies per reaction. What a well of the
reaction says of a specimen's DNA needs the template's volume and its dilution: without them there is no result (D204).
Replicate wells are combined by the rule of `replicates`: a well without a positive partition is a well without signal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labmon.assays import acceptance, controls, replicates
from labmon.assays.acceptance import passed
from labmon.assays.assay_input import OMITTED, AssayInput, SpecimenReadings, plain_number, sort_to_specimens
from labmon.assays.controls import Role, WellRole
from labmon.assays.definition import AssayDefinition, DpcrSettings
from labmon.assays.made_results import MadeDraft, MadeRun, RejectedReadings
from labmon.assays.replicates import Combined, Replicate, WellOutcome
from labmon.assays.specimen_age import impossible_age
from labmon.domain.analyte import Analyte, Measurand
from labmon.domain.issue import Issue
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import Qualifier, ReadingKind, Task
from labmon.domain.result import ResultDraft
from labmon.domain.run import CheckOutcome, Run, RunCheck
from labmon.domain.wording import number

PARTITION_KINDS = frozenset({ReadingKind.ACCEPTED_DROPLETS, ReadingKind.PARTITIONS_VALID})
"""What only digital PCR counts."""
_POSITIVE_KINDS = (ReadingKind.POSITIVE_DROPLETS, ReadingKind.PARTITIONS_POSITIVE)
_WELL_KINDS = frozenset({ReadingKind.CONCENTRATION, *PARTITION_KINDS, *_POSITIVE_KINDS})
_MERGED = "D201"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Well:
    """One well of the transgene, with the readings it was put together from."""

    role: WellRole
    replicate: Replicate
    partitions: float | None
    positives: float | None
    is_saturated: bool
    indices: tuple[int, ...]


def make_runs(file: AssayInput, definition: AssayDefinition, run_code: str) -> tuple[MadeRun, ...]:
    """One run for each transgene target; readings of targets nobody mapped are rejected (I118)."""
    assert definition.dpcr is not None  # load_definition refuses a digital PCR assay without its settings
    by_target: dict[str | None, list[int]] = defaultdict(list)
    for index, reading in enumerate(file.file.readings):
        if reading.kind in _WELL_KINDS and not _is_merged(file, index):
            by_target[reading.target].append(index)
    rejected: list[RejectedReadings] = []
    targets: list[str] = []
    for target, indices in by_target.items():
        measurand = file.mapping.measurand_of(target, definition)
        if measurand is Measurand.TRANSGENE and target is not None:
            targets.append(target)
        elif measurand is None:
            rejected.append(file.rejected_target(target, indices))
    made: list[MadeRun] = []
    for target in sorted(targets):
        code = run_code if len(targets) == 1 else f"{run_code}/{target}"
        run = _Plate(file, definition, definition.dpcr, code, by_target[target]).make()
        first = () if made else tuple(rejected)
        made.append(MadeRun(run=run.run, made=run.made, rejected=(*first, *run.rejected), issues=run.issues))
    return tuple(made) or (MadeRun(run=None, rejected=tuple(rejected)),)


def _is_merged(file: AssayInput, index: int) -> bool:
    """Whether a reading is of a merged well: its single wells are there by themselves."""
    return any(issue.code == _MERGED for issue in file.issues_about((index,), whole_rows=True))


class _Plate:
    """The wells of one transgene target on their way to results."""

    def __init__(
        self,
        file: AssayInput,
        definition: AssayDefinition,
        settings: DpcrSettings,
        run_code: str,
        indices: Sequence[int],
    ) -> None:
        self._file = file
        self._definition = definition
        self._settings = settings
        self._run_code = run_code
        self._wells = self._put_together(indices)
        self._of_reading = {index: well for well in self._wells for index in well.indices}

    def make(self) -> MadeRun:
        checks = self._checks()
        samples = [well for well in self._wells if well.role.role is Role.SPECIMEN]
        by_specimen, rejected = sort_to_specimens(
            self._file, [index for well in samples for index in well.indices], self._definition
        )
        run = Run(
            run_code=self._run_code,
            file_sha256=self._file.file.sha256,
            assay_id=self._definition.id,
            assay_version=self._definition.version,
            acceptance=acceptance.acceptance_of(checks),
            checks=checks,
            instrument=self._file.file.instrument,
            run_started_at=self._file.file.run_started_at,
        )
        return MadeRun(
            run=run,
            made=tuple(self._made(group) for group in by_specimen),
            rejected=rejected,
            issues=acceptance.issues_of(checks),
        )

    def _put_together(self, indices: Iterable[int]) -> list[_Well]:
        grouped: dict[object, list[int]] = defaultdict(list)
        for index in indices:
            place = self._file[index].place
            grouped[place.sheet, place.row, place.element].append(index)
        return [self._well(members) for members in grouped.values()]

    def _well(self, members: Sequence[int]) -> _Well:
        readings = [self._file[index] for index in members]
        by_kind = {reading.kind: reading for reading in reversed(readings)}
        concentration = by_kind.get(ReadingKind.CONCENTRATION)
        value = plain_number(concentration)
        partitions = next((n for kind in PARTITION_KINDS if (n := plain_number(by_kind.get(kind))) is not None), None)
        positives = next((n for kind in _POSITIVE_KINDS if (n := plain_number(by_kind.get(kind))) is not None), None)
        qualifier = concentration.qualifier if concentration is not None else None
        if value is None:
            outcome = WellOutcome.NO_CALL if qualifier is Qualifier.NO_CALL else WellOutcome.FAILED
        elif partitions is None or partitions < self._settings.partitions_minimum.value:
            outcome = WellOutcome.NO_CALL
        else:
            outcome = WellOutcome.CQ if value > 0 else WellOutcome.NO_CQ
        task = next((r.task for r in readings if r.task not in (None, Task.UNKNOWN)), None)
        return _Well(
            role=controls.role_of(task, readings[0].sample, self._settings.ntc_names, self._settings.controls),
            replicate=Replicate(
                outcome=outcome,
                copies=None if value is None else value * self._settings.reaction_volume_ul.value,
                is_omitted=any(r.is_omitted for r in readings),
            ),
            partitions=partitions,
            positives=positives,
            is_saturated=qualifier is Qualifier.SATURATED,
            indices=tuple(members),
        )

    def _checks(self) -> tuple[RunCheck, ...]:
        of_role: dict[Role, list[_Well]] = defaultdict(list)
        for well in self._wells:
            if not well.replicate.is_omitted:
                of_role[well.role.role].append(well)
        checks = [self._silence_check(of_role[Role.NTC], "ntc_outcome", "NTC")]
        if of_role[Role.NEGATIVE_CONTROL]:
            negative = of_role[Role.NEGATIVE_CONTROL]
            checks.append(self._silence_check(negative, "control:negative", "Negative control"))
        for control in self._settings.controls:
            wells = [well.replicate for well in self._wells if well.role.control is control]
            check = controls.positive_check(control, wells)
            if check is not None:
                checks.append(check)
        return tuple(checks)

    def _silence_check(self, wells: Sequence[_Well], check_id: str, title: str) -> RunCheck:
        """Whether wells without template hold no more positive partitions than the definition allows."""
        limit = self._settings.ntc_positives_maximum
        counted = [well.positives for well in wells if well.positives is not None]
        highest = max(counted, default=None)
        return RunCheck(
            check_id=check_id,
            title=title,
            observed="absent"
            if highest is None
            else f"at most {highest:g} positive partitions in {len(counted)} wells",
            limit=f"≤ {limit.value:g} positive partitions",
            outcome=CheckOutcome.ABSENT if highest is None else passed(highest <= limit.value),
            source=limit.source,
        )

    def _made(self, group: SpecimenReadings) -> MadeDraft:
        wells = list({id(well): well for well in (self._of_reading[index] for index in group.indices)}.values())
        limits = self._settings
        combined = replicates.combine(
            [well.replicate for well in wells],
            lod=limits.lod_copies_per_reaction.value,
            lloq=limits.lloq_copies_per_reaction.value,
            uloq=limits.uloq_copies_per_reaction.value,
        )
        place = self._file[group.indices[0]].place
        issues = [
            *self._file.issues_about(group.indices),
            *(issue for well in wells for issue in self._well_issues(well)),
            *replicates.spread_issues(combined, limits.cv_limit_pct.value),
            *impossible_age(group.specimen, self._file.file.run_started_at),
        ]
        quantity = combined.quantity
        if any(well.is_saturated for well in wells if not well.replicate.is_omitted):
            quantity = _without_value(ValueState.ABOVE_ULOQ, quantity)
        if limits.template_volume_ul is None or limits.dilution_factor is None:
            issues.append(Issue(code="D204", place=place))
            quantity = _without_value(ValueState.NO_RESULT, quantity)
        draft = ResultDraft(
            specimen_code=group.specimen.specimen_code,
            analyte=Analyte.TRANSGENE_COPIES_PER_REACTION,
            quantity=quantity,
            run_code=self._run_code,
            basis=self._basis(combined, wells, group),
            provenance=self._file.provenance(group.indices),
            issues=tuple(issues),
            excluded_reason=OMITTED if combined.replicates_omitted == len(wells) else None,
        )
        return MadeDraft(draft=draft, indices=tuple(sorted(group.indices)))

    def _well_issues(self, well: _Well) -> list[Issue]:
        place = self._file[well.indices[0]].place
        issues = []
        if well.replicate.is_omitted:
            issues.append(Issue(code="Q106", place=place))
        minimum = self._settings.partitions_minimum.value
        if well.partitions is None:
            issues.append(Issue(code="D203", place=place, parameters={"detail": "The partitions are not stated"}))
        elif well.partitions < minimum:
            detail = f"{number(well.partitions)} partitions, the assay asks {number(minimum)}"
            issues.append(Issue(code="D203", place=place, parameters={"detail": detail}))
        return issues

    def _basis(self, combined: Combined, wells: Sequence[_Well], group: SpecimenReadings) -> dict[str, float | str]:
        """The numbers the value was made of, and the limits that held: what `derive` needs of this run."""
        limits = self._settings
        used = [well for well in wells if not well.replicate.is_omitted] or wells
        template, dilution = limits.template_volume_ul, limits.dilution_factor
        basis: dict[str, float | str | None] = {
            "replicates_detected": float(combined.replicates_detected),
            "replicates_total": float(combined.replicates_total),
            "replicates_omitted": float(combined.replicates_omitted),
            "replicate_cv_pct": combined.cv_pct,
            "partitions_valid": sum(well.partitions or 0.0 for well in used),
            "partitions_positive": sum(well.positives or 0.0 for well in used),
            "sample_name": group.sample,
            "reaction_volume_ul": limits.reaction_volume_ul.value,
            "template_volume_ul": template.value if template is not None else None,
            "dilution_factor": dilution.value if dilution is not None else None,
            "gdna_ng_minimum": limits.gdna_ng_minimum.value,
            "lod_copies_per_ug_dna": limits.lod_copies_per_ug_dna.value,
            "lloq_copies_per_ug_dna": limits.lloq_copies_per_ug_dna.value,
        }
        for analyte in (Analyte.TRANSGENE_COPIES_PER_UG_DNA, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD):
            band = self._definition.plausible.get(analyte)
            name = f"plausible_high_{analyte.value.removeprefix('transgene_')}"
            basis[name] = band.high if band is not None else None
        return {name: value for name, value in basis.items() if value is not None}


def _without_value(state: ValueState, quantity: Quantity) -> Quantity:
    return Quantity.without_value(
        state, Unit.COPIES_PER_REACTION, lod=quantity.lod, lloq=quantity.lloq, uloq=quantity.uloq
    )
