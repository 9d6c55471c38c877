"""How much DNA went into a reaction, and how much came out of a microlitre of blood."""

from __future__ import annotations

from labmon.domain.clinical import Specimen, SpecimenType


def gdna_ng_per_reaction(
    gdna_conc_ng_per_ul: float, *, template_volume_ul: float, dilution_factor: float = 1.0
) -> float:
    """DNA mass in one reaction: concentration of the eluate × template volume / dilution before the reaction."""
    return gdna_conc_ng_per_ul * template_volume_ul / dilution_factor


def dna_yield_ug_per_ul_blood(gdna_conc_ng_per_ul: float, specimen: Specimen) -> float | None:
    """DNA recovered per µL blood: concentration × elution volume / blood volume / 1000.

    None unless the specimen is blood with both volumes on record: marrow is never converted to blood.
    """
    if specimen.specimen_type is not SpecimenType.PERIPHERAL_BLOOD:
        return None
    if not specimen.blood_volume_ul or not specimen.elution_volume_ul:
        return None
    return gdna_conc_ng_per_ul * specimen.elution_volume_ul / specimen.blood_volume_ul / 1000
