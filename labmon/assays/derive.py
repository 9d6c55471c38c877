"""Copies per µg DNA and per µL blood, derived from the reaction's copies and the DNA that went into it.

The qPCR file and the DNA file may come in either order: whoever has the per-reaction result and the DNA result of a
specimen calls `derive`, and gets the same drafts. All limits it needs were copied into the basis of the per-reaction
result when its run was imported, so a newer assay definition never changes an older run. What holds either of the two
holds the derived result; their own issues, once a person has released them, do not hold it again.

Without DNA the result per µg is there with its state no_result, held, saying what is missing. What the reaction could
not quantify is not converted: its state is carried over with the limits this DNA mass gives. What it did quantify is
judged by those limits: below the LOD it is not detected, as in the reaction. Absence of signal counts only with
adequate DNA (Q109) and a reference gene inside its limit (A402); else it is invalid, and a signal below the
LLOQ is held.
"""

from __future__ import annotations

from dataclasses import replace

from labmon.assays.detection_limits import copies_per_ug, limit_per_ug
from labmon.assays.dna_yield import dna_yield_ug_per_ul_blood, gdna_ng_per_reaction
from labmon.assays.holding import held
from labmon.assays.plausibility import implausible
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Specimen
from labmon.domain.errors import BugError
from labmon.domain.issue import Issue
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.result import ResultDraft
from labmon.domain.wording import number

DNA_MISSING = "DNA mass missing"


def derive(specimen: Specimen, per_reaction: ResultDraft, dna: ResultDraft | None) -> tuple[ResultDraft, ...]:
    """The result per µg DNA, and per µL blood where the specimen's volumes are known.

    `per_reaction` is a TRANSGENE_COPIES_PER_REACTION result (a draft, or the draft of a result on record), `dna` the
    GDNA_CONC_NG_PER_UL result that counts for the specimen.
    """
    if per_reaction.analyte is not Analyte.TRANSGENE_COPIES_PER_REACTION:
        raise BugError(f"nothing is derived from {per_reaction.analyte}")
    if dna is not None and dna.specimen_code != per_reaction.specimen_code:
        raise BugError(f"DNA of {dna.specimen_code} for {per_reaction.specimen_code}")
    if "template_volume_ul" not in per_reaction.basis or "dilution_factor" not in per_reaction.basis:
        return ()  # D204 says so beside the reaction's own result
    if dna is None:
        return (_without_dna(per_reaction, None, "The DNA concentration of this specimen is not on record"),)
    if dna.excluded_reason is not None:
        detail = f"The DNA concentration of this specimen is excluded ({dna.excluded_reason})"
        return (_without_dna(per_reaction, dna, detail),)
    if not dna.quantity.value:
        return (_without_dna(per_reaction, dna, "The DNA measurement of this specimen gave no concentration"),)
    per_ug = _per_ug(per_reaction, dna, dna.quantity.value)
    per_ul = _per_ul(per_ug, specimen, dna.quantity.value)
    return (per_ug,) if per_ul is None else (per_ug, per_ul)


def _without_dna(per_reaction: ResultDraft, dna: ResultDraft | None, missing: str) -> ResultDraft:
    issue = Issue(code="Q107", parameters={"detail": missing})
    draft = replace(
        per_reaction,
        analyte=Analyte.TRANSGENE_COPIES_PER_UG_DNA,
        quantity=Quantity.without_value(ValueState.NO_RESULT, Unit.COPIES_PER_UG_DNA),
        provenance=per_reaction.provenance + (dna.provenance if dna else ()),
        issues=(*per_reaction.issues, issue),
    )
    return held(draft, DNA_MISSING, because_of=())  # the issue says the same at length


def _per_ug(per_reaction: ResultDraft, dna: ResultDraft, conc: float) -> ResultDraft:
    ng = gdna_ng_per_reaction(
        conc,
        template_volume_ul=_limit(per_reaction, "template_volume_ul"),
        dilution_factor=_limit(per_reaction, "dilution_factor"),
    )
    quantity = _quantity_per_ug(per_reaction, ng)
    own_issues: list[Issue] = []
    if quantity.state.is_blq:
        own_issues.extend(_too_little_dna(per_reaction, ng))
        own_issues.extend(_reference_gene(per_reaction))
        if own_issues and quantity.state is ValueState.NOT_DETECTED:
            quantity = replace(quantity, state=ValueState.INVALID)
    own_issues.extend(_implausible(per_reaction, quantity, Analyte.TRANSGENE_COPIES_PER_UG_DNA))
    draft = replace(
        per_reaction,
        analyte=Analyte.TRANSGENE_COPIES_PER_UG_DNA,
        quantity=quantity,
        basis={
            **per_reaction.basis,
            "gdna_conc_ng_per_ul": conc,
            "gdna_ng_per_reaction": ng,
            "dna_run_code": dna.run_code,
        },
        provenance=per_reaction.provenance + dna.provenance,
        issues=(*per_reaction.issues, *dna.issues, *own_issues),
    )
    dna_held = f"DNA concentration: {dna.held_reason}" if dna.held_reason else None
    return held(draft, dna_held, because_of=own_issues)


def _too_little_dna(per_reaction: ResultDraft, ng: float) -> tuple[Issue, ...]:
    minimum = _limit(per_reaction, "gdna_ng_minimum")
    if ng >= minimum:
        return ()
    return (Issue(code="Q109", parameters={"gdna_ng": number(ng), "minimum_ng": number(minimum)}),)


def _implausible(per_reaction: ResultDraft, quantity: Quantity, analyte: Analyte) -> tuple[Issue, ...]:
    name = f"plausible_high_{analyte.value.removeprefix('transgene_')}"
    if name not in per_reaction.basis:
        return ()
    return implausible(analyte.label, quantity, low=0, high=_limit(per_reaction, name))


def _quantity_per_ug(per_reaction: ResultDraft, ng: float) -> Quantity:
    reaction = per_reaction.quantity
    lod = limit_per_ug(_limit(per_reaction, "lod_copies_per_ug_dna"), reaction.lod or 0, ng)
    lloq = limit_per_ug(_limit(per_reaction, "lloq_copies_per_ug_dna"), reaction.lloq or 0, ng)
    uloq = copies_per_ug(reaction.uloq, ng) if reaction.uloq is not None else None
    state, value = reaction.state, None
    if reaction.value is not None:
        value = copies_per_ug(reaction.value, ng)
        if value < lloq:
            state = ValueState.NOT_DETECTED if value < lod else ValueState.DETECTED_BELOW_LLOQ
            value = None
    return Quantity(value=value, unit=Unit.COPIES_PER_UG_DNA, state=state, lod=lod, lloq=lloq, uloq=uloq)


def _reference_gene(per_reaction: ResultDraft) -> tuple[Issue, ...]:
    """A402 when a reference gene was on the plate and did not show enough amplifiable DNA."""
    basis = per_reaction.basis
    if "reference_replicates_total" not in basis:
        return ()
    highest = _limit(per_reaction, "reference_cq_max_cycles")
    cq = basis.get("reference_cq_mean_cycles")
    if basis["reference_replicates_detected"] != basis["reference_replicates_total"]:
        observed = f"no Cq in {basis['reference_replicates_total']:g} wells" if cq is None else "no Cq in some wells"
    elif isinstance(cq, float) and cq > highest:
        observed = f"Cq {number(cq, 4)}"
    else:
        return ()
    return (Issue(code="A402", parameters={"observed": observed, "limit": f"Cq {number(highest)} or less"}),)


def _per_ul(per_ug: ResultDraft, specimen: Specimen, conc: float) -> ResultDraft | None:
    yield_ug = dna_yield_ug_per_ul_blood(conc, specimen)
    if yield_ug is None:
        return None

    def per_ul(per_ug_dna: float | None) -> float | None:
        return None if per_ug_dna is None else per_ug_dna * yield_ug

    q = per_ug.quantity
    quantity = Quantity(
        value=per_ul(q.value),
        unit=Unit.COPIES_PER_UL_BLOOD,
        state=q.state,
        lod=per_ul(q.lod),
        lloq=per_ul(q.lloq),
        uloq=per_ul(q.uloq),
    )
    own_issues = _implausible(per_ug, quantity, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD)
    draft = replace(
        per_ug,
        analyte=Analyte.TRANSGENE_COPIES_PER_UL_BLOOD,
        quantity=quantity,
        basis={**per_ug.basis, "dna_yield_ug_per_ul_blood": yield_ug},
        issues=(*per_ug.issues, *own_issues),
    )
    return held(draft, because_of=own_issues)


def _limit(per_reaction: ResultDraft, name: str) -> float:
    """A limit the per-reaction result was made under."""
    value = per_reaction.basis.get(name)
    if not isinstance(value, int | float):
        raise BugError(f"the per-reaction result of {per_reaction.specimen_code} carries no {name}")
    return float(value)
