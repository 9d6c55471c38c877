"""Keep what is derived in step with what it is derived from: copies per µg and per µL, whichever file came first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from labmon.assays.derive import derive
from labmon.domain.analyte import Analyte
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.result import Result, ResultDraft
from labmon.records.reader import Reader
from labmon.records.writer import NewResult, Writer

DERIVED = (Analyte.TRANSGENE_COPIES_PER_UG_DNA, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD)


def counting_dna(results: Iterable[Result]) -> ResultDraft | None:
    """The DNA that counts for a specimen: the newest released and not excluded one, else the newest."""
    dna = [r for r in results if r.analyte is Analyte.GDNA_CONC_NG_PER_UL and not r.is_superseded]
    dna.sort(key=lambda result: (result.counts, result.result_id))
    return dna[-1].draft if dna else None


def derive_for(record: Writer, specimen_codes: Iterable[str], reason: str) -> ChangeSet:
    """Write what follows now from the reactions and the DNA of these specimens; unchanged results are left alone."""
    specimens = record.specimens()
    codes = sorted(code for code in specimen_codes if code in specimens)
    new: list[NewResult] = []
    for code in codes:
        results = record.results(specimen_codes=(code,))
        reactions = [r for r in results if r.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION]
        dna = counting_dna(results)
        runs = {reaction.draft.run_code for reaction in reactions}
        standing = [r for r in results if r.analyte in DERIVED]
        for reaction in reactions:
            for draft in derive(specimens[code], reaction.draft, dna):
                earlier = _version_to_supersede(draft, standing, runs)
                if earlier is not None:
                    standing.remove(earlier)
                    draft = replace(draft, excluded_reason=draft.excluded_reason or earlier.draft.excluded_reason)
                    if draft == earlier.draft:
                        continue
                new.append(
                    NewResult(
                        draft=draft,
                        patient_code=specimens[code].patient_code,
                        supersedes=earlier,
                        excluded_by=earlier.excluded_by if earlier else None,
                    )
                )
    if not new:
        return ChangeSet()
    record.derive_results(new, reason)
    return ChangeSet(
        parts=frozenset({ChangedPart.RESULTS}), patient_codes=frozenset(result.patient_code for result in new)
    )


def dna_on_record(record: Reader) -> dict[str, ResultDraft]:
    """The DNA that counts, by specimen code."""
    by_specimen: dict[str, list[Result]] = defaultdict(list)
    for result in record.results(analyte=Analyte.GDNA_CONC_NG_PER_UL):
        by_specimen[result.specimen_code].append(result)
    return {code: dna for code, results in by_specimen.items() if (dna := counting_dna(results)) is not None}


def _version_to_supersede(draft: ResultDraft, standing: list[Result], runs: set[str]) -> Result | None:
    """The derived result of the same run, else one whose reaction no longer stands."""
    same = [result for result in standing if result.analyte is draft.analyte]
    return next(
        (result for result in same if result.draft.run_code == draft.run_code),
        next((result for result in same if result.draft.run_code not in runs), None),
    )
