"""Readings of one file become runs and result drafts: the one door of the assays room.

The kinds of its readings decide the assay of a file; `choose_definitions` says which definitions speak about it. One
analytic run is made of a file, or one of each transgene target and each MRD method where it holds several. `holding`
says what holds a draft.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from labmon.assays import dna_concentration, dpcr, flow, mrd, qpcr
from labmon.assays.assay_input import AssayInput
from labmon.assays.definition import AssayDefinition, AssayKind
from labmon.assays.derive import derive
from labmon.assays.holding import held
from labmon.assays.made_results import DraftKey, MadeDraft, MadeResults, MadeRun, RejectedReadings
from labmon.assays.mapping import NameMapping
from labmon.domain.analyte import Analyte, Measurand
from labmon.domain.clinical import Specimen
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, ReadingKind
from labmon.domain.result import ResultDraft
from labmon.domain.run import Run

_MAKERS: Mapping[AssayKind, Callable[[AssayInput, AssayDefinition, str], tuple[MadeRun, ...]]] = {
    AssayKind.QPCR_TRANSGENE: qpcr.make_runs,
    AssayKind.DPCR_TRANSGENE: dpcr.make_runs,
    AssayKind.FLOW_CAR: flow.make_runs,
    AssayKind.MRD_FLOW: mrd.make_runs,
    AssayKind.MRD_RQ_PCR: mrd.make_runs,
    AssayKind.MRD_NGS: mrd.make_runs,
    AssayKind.DNA_CONCENTRATION: dna_concentration.make_runs,
}
_TARGETED = {
    AssayKind.QPCR_TRANSGENE: frozenset({ReadingKind.CQ}),
    AssayKind.DPCR_TRANSGENE: dpcr.PARTITION_KINDS,
    AssayKind.FLOW_CAR: frozenset({ReadingKind.COUNT, ReadingKind.PERCENT_OF_PARENT}),
}
"""Assays whose targets say what was measured: several definitions of a kind may fit, the best mapped one counts."""


def choose_definitions(
    file: FileReading, definitions: Sequence[AssayDefinition], mapping: NameMapping
) -> tuple[AssayDefinition, ...]:
    """The definitions that speak about this file: one, or for an MRD workbook one a method; none if nothing fits.

    Of several versions of one definition the last given counts; of several assays of one kind the one that knows most
    of the file's targets.
    """
    newest = {definition.id: definition for definition in definitions}
    kinds = {reading.kind for reading in file.readings}
    methods = mrd.methods_in(file)
    chosen: list[AssayDefinition] = []
    for kind in AssayKind:
        of_kind = [definition for definition in newest.values() if definition.kind is kind]
        if not of_kind:
            continue
        if kind in mrd.METHOD_OF:
            if mrd.METHOD_OF[kind] in methods:
                chosen.append(of_kind[0])
        elif kind is AssayKind.DNA_CONCENTRATION:
            if any(dna_concentration.concerns(reading) for reading in file.readings):
                chosen.append(of_kind[0])
        elif kinds & _TARGETED[kind]:
            targets = {reading.target for reading in file.readings if reading.kind in _TARGETED[kind]}
            chosen.append(max(of_kind, key=lambda d: _known_targets(targets, d, mapping)))
    return tuple(chosen)


def _known_targets(targets: set[str | None], definition: AssayDefinition, mapping: NameMapping) -> int:
    meant = (mapping.measurand_of(target, definition) for target in targets)
    return sum(measurand not in (None, Measurand.IGNORED) for measurand in meant)


def make_results(
    file: FileReading,
    *,
    definitions: Sequence[AssayDefinition],
    mapping: NameMapping,
    specimens: Mapping[str, Specimen],
    dna: Mapping[str, ResultDraft],
    run_code: str,
    today: date | None = None,
) -> MadeResults:
    """Everything one file's readings give, with nothing written and nothing guessed.

    `specimens` are those on record by code; `dna` the GDNA_CONC_NG_PER_UL result that counts for a specimen, where
    there is one. What was measured after `today`, if that is given, is held (C507). A file no definition
    speaks about gives no run, and its readings are rejected together (A401),
    but for a list of events, which holds none.
    """
    read = AssayInput(file, mapping, specimens)
    chosen = choose_definitions(file, definitions, mapping)
    parts = [
        part
        for definition in chosen
        for part in _MAKERS[definition.kind](read, definition, _code(run_code, definition, len(chosen)))
    ]
    rejected = [rejection for part in parts for rejection in part.rejected]
    made = [replace(one, draft=_finished(one.draft, part.run, read, today)) for part in parts for one in part.made]
    made, twice = _without_doubles(made, read)
    rejected.extend(twice)
    if not chosen and file.readings and not _holds_events_only(file):
        issue = Issue(code="A401", parameters={"format": file.format_title})
        rejected.append(read.rejected(range(len(file.readings)), issue))
    drafts: list[ResultDraft] = []
    readings_of: dict[DraftKey, tuple[int, ...]] = {}
    for one in made:
        found = [one.draft]
        if one.draft.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION:
            code = one.draft.specimen_code
            found.extend(derive(specimens[code], one.draft, dna.get(code)))
        for draft in found:
            drafts.append(draft)
            readings_of[draft.key] = one.indices
    drafts.sort(key=lambda draft: draft.key)
    return MadeResults(
        runs=tuple(part.run for part in parts if part.run is not None),
        drafts=tuple(drafts),
        rejected=tuple(rejected),
        issues=tuple(issue for part in parts for issue in part.issues),
        readings_of=readings_of,
    )


def _holds_events_only(file: FileReading) -> bool:
    """Whether a file is a cytometer's list of events: it has no results to reject, and its own note says so (F324)."""
    return any(issue.code == "F324" for issue in file.issues)


def _code(run_code: str, definition: AssayDefinition, n_definitions: int) -> str:
    return run_code if n_definitions == 1 else f"{run_code}/{definition.id}"


def _finished(draft: ResultDraft, run: Run | None, file: AssayInput, today: date | None) -> ResultDraft:
    """The draft with what holds it: its run and its issues, each problem said once."""
    measured_on = str(draft.basis.get("analysed_on") or (run.run_started_at if run is not None else None) or "")[:10]
    issues = draft.issues
    if today is not None and measured_on > today.isoformat():
        issues += (Issue(code="C507", parameters={"field": "The day of the measurement", "value": measured_on}),)
    draft = replace(draft, issues=file.without_repeats(issues))
    return held(draft, run.held_because if run is not None else None)


def _without_doubles(made: Sequence[MadeDraft], file: AssayInput) -> tuple[list[MadeDraft], list[RejectedReadings]]:
    """Drafts about the same thing are all rejected: a person must say which of them counts (I205)."""
    by_key: dict[DraftKey, list[MadeDraft]] = defaultdict(list)
    for one in made:
        by_key[one.draft.key].append(one)
    kept: list[MadeDraft] = []
    rejected: list[RejectedReadings] = []
    for (specimen, _, _), same in by_key.items():
        if len(same) == 1:
            kept.extend(same)
            continue
        for one in same:
            issue = Issue(
                code="I205",
                place=file[one.indices[0]].place,
                parameters={"specimen": specimen, "analyte": one.draft.analyte.label},
            )
            rejected.append(file.rejected(one.indices, issue))
    return kept, rejected
