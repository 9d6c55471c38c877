"""Keep what is derived in step with what it is derived from: copies per µg and per µL, whichever file came first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from labmon.assays.derive import derive
from labmon.domain.analyte import Analyte
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import Specimen
from labmon.domain.quantity import Quantity, ValueState
from labmon.domain.result import Result, ResultDraft
from labmon.records.reader import Reader
from labmon.records.writer import NewResult, Writer

DERIVED = (Analyte.TRANSGENE_COPIES_PER_UG_DNA, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD)
NOTHING_LEFT = "what it was derived from is no longer there"


def counting_dna(results: Iterable[Result]) -> ResultDraft | None:
    """The DNA that counts for a specimen: the newest released and not excluded one, else the newest."""
    dna = [r for r in results if r.analyte is Analyte.GDNA_CONC_NG_PER_UL and not r.is_superseded]
    dna.sort(key=lambda result: (result.counts, result.result_id))
    return dna[-1].draft if dna else None


def derive_for(record: Writer, specimen_codes: Iterable[str], reason: str) -> ChangeSet:
    """Write what follows now from the reactions and the DNA of these specimens; unchanged results are left alone.

    Results of a specimen that was found to be another patient's go with it first.
    """
    specimens = record.specimens()
    codes = sorted(code for code in specimen_codes if code in specimens)
    by_specimen = _by_specimen(record, codes)
    former = _follow(record, {code: specimens[code] for code in codes}, by_specimen)
    if former:
        by_specimen = _by_specimen(record, codes)
    new: list[NewResult] = []
    for code in codes:
        results = by_specimen[code]
        reactions = [r for r in results if r.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION]
        dna = counting_dna(results)
        runs = {reaction.draft.run_code for reaction in reactions}
        standing = [r for r in results if r.analyte in DERIVED]
        patient_code = specimens[code].patient_code
        for reaction in reactions:
            lifted = _lifted_exclusion(record, reaction)
            for draft in derive(specimens[code], reaction.draft, dna):
                earlier = _version_to_supersede(draft, standing, runs)
                excluded_by = reaction.excluded_by
                if earlier is not None:
                    standing.remove(earlier)
                    own = earlier.draft.excluded_reason
                    if draft.excluded_reason is None and own != lifted:
                        draft, excluded_by = replace(draft, excluded_reason=own), earlier.excluded_by
                    if draft == earlier.draft:
                        continue
                new.append(
                    NewResult(draft=draft, patient_code=patient_code, supersedes=earlier, excluded_by=excluded_by)
                )
        for left in standing:
            draft = _without_value(left.draft)
            if draft != left.draft:
                new.append(
                    NewResult(draft=draft, patient_code=patient_code, supersedes=left, excluded_by=left.excluded_by)
                )
    if new:
        record.derive_results(new, reason)
    if not new and not former:
        return ChangeSet()
    return ChangeSet(
        parts=frozenset({ChangedPart.RESULTS}),
        patient_codes=frozenset({result.patient_code for result in new} | former),
    )


def dna_on_record(record: Reader) -> dict[str, ResultDraft]:
    """The DNA that counts, by specimen code."""
    by_specimen: dict[str, list[Result]] = defaultdict(list)
    for result in record.results(analyte=Analyte.GDNA_CONC_NG_PER_UL):
        by_specimen[result.specimen_code].append(result)
    return {code: dna for code, results in by_specimen.items() if (dna := counting_dna(results)) is not None}


def _by_specimen(record: Reader, codes: Sequence[str]) -> Mapping[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for result in record.results(specimen_codes=codes) if codes else ():
        found[result.specimen_code].append(result)
    return found


def _follow(
    record: Writer, specimens: Mapping[str, Specimen], results: Mapping[str, Sequence[Result]]
) -> frozenset[str]:
    """Give the specimens' results to the patients they belong to; the patients of either side come back."""
    touched: set[str] = set()
    for code, specimen in specimens.items():
        strays = [result for result in results[code] if result.patient_code != specimen.patient_code]
        if not strays:
            continue
        moved = [
            NewResult(
                draft=stray.draft,
                patient_code=specimen.patient_code,
                supersedes=stray,
                excluded_by=stray.excluded_by,
            )
            for stray in strays
        ]
        record.derive_results(moved, f"{code} belongs to {specimen.patient_code}")
        touched |= {stray.patient_code for stray in strays} | {specimen.patient_code}
    return frozenset(touched)


def _lifted_exclusion(record: Reader, reaction: Result) -> str | None:
    """The reason a reaction was excluded for until it was included again: what was derived from it returns with it."""
    if reaction.is_excluded or reaction.supersedes is None:
        return None
    return record.result(reaction.supersedes).draft.excluded_reason


def _without_value(draft: ResultDraft) -> ResultDraft:
    """What follows from nothing any more keeps its place, without a number."""
    nothing = Quantity.without_value(ValueState.NO_RESULT, draft.quantity.unit)
    return replace(draft, quantity=nothing, held_reason=NOTHING_LEFT)


def _version_to_supersede(draft: ResultDraft, standing: list[Result], runs: set[str]) -> Result | None:
    """The derived result of the same run, else one whose reaction no longer stands."""
    same = [result for result in standing if result.analyte is draft.analyte]
    return next(
        (result for result in same if result.draft.run_code == draft.run_code),
        next((result for result in same if result.draft.run_code not in runs), None),
    )
