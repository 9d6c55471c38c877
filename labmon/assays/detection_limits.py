"""The limits a value has earned: by DNA mass, by events, by cells."""

from __future__ import annotations

from labmon.domain.quantity import Quantity, Unit, ValueState


def copies_per_ug(copies_per_reaction: float, gdna_ng_per_reaction: float) -> float:
    """Copies per reaction as copies per µg of the DNA that went into it."""
    return copies_per_reaction * 1000 / gdna_ng_per_reaction


def limit_per_ug(limit_copies_per_ug: float, limit_copies_per_reaction: float, gdna_ng_per_reaction: float) -> float:
    """A limit per µg DNA: the assay's own, or the reaction's if this little DNA makes it the larger."""
    return max(limit_copies_per_ug, copies_per_ug(limit_copies_per_reaction, gdna_ng_per_reaction))


def percent_of(events: float, denominator: float) -> float:
    """Events in percent of a denominator, rounded once, so that 22 of 44 000 are exactly 0.05 %."""
    return 100 * events / denominator


def quantity_by_events(
    events: float,
    *,
    value: float,
    unit: Unit,
    per_event: float | None,
    lod_events: float,
    lloq_events: float,
    lloq_floor: float = 0.0,
) -> Quantity:
    """A flow value classified by the events it rests on.

    `per_event` is what one event amounts to in the value's unit (None when that is unknown); LOD and LLOQ follow from
    it. The LLOQ is at least `lloq_floor`, the assay's own limit in that unit.
    """
    lod = lod_events * per_event if per_event is not None else None
    lloq = max(lloq_floor, lloq_events * per_event) if per_event is not None else (lloq_floor or None)
    if events < lod_events:
        state = ValueState.NOT_DETECTED
    elif events < lloq_events or value < lloq_floor:
        state = ValueState.DETECTED_BELOW_LLOQ
    else:
        return Quantity(value=value, unit=unit, state=ValueState.QUANTIFIED, lod=lod, lloq=lloq)
    return Quantity.without_value(state, unit, lod=lod, lloq=lloq)


def mrd_sensitivity_fraction(
    *, total_cells: float | None, k_events: float | None, validated: tuple[float | None, ...] = ()
) -> float | None:
    """The lowest fraction this sample could have shown: the largest of the validated limits and k / N.

    None when neither the cells nor a limit of this sample is known: a claim needs one of them.
    """
    earned = [limit for limit in validated if limit is not None]
    if total_cells and k_events is not None:
        earned.append(k_events / total_cells)
    return max(earned) if earned else None
