"""How long the cells stayed: the loss lies between two samples, and both are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import Sample, evaluable_profile, refusal
from labmon.kinetics.withheld import Withheld


class PersistenceState(StrEnum):
    NOT_ESTABLISHED = "not_established"
    """Never above LLOQ: there is nothing that could have been lost."""
    ONGOING = "ongoing"
    UNCONFIRMED = "unconfirmed"
    """The last sample is the first below LLOQ; one sample proves nothing."""
    LOST = "lost"
    CONFLICT = "conflict"
    """Quantified again after a confirmed loss: a person decides between re-expansion and artefact."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """Time to loss, interval-censored: the loss lies in (left_day, right_day]; no right day means censored at left."""

    state: PersistenceState
    left_day: float | None = None
    """The last sample at or above LLOQ before the loss."""
    right_day: float | None = None
    """The first of the samples that confirmed the loss."""
    confirmed_day: float | None = None
    unconfirmed_day: float | None = None
    transient_days: tuple[float, ...] = ()
    """Lone samples below LLOQ with a quantified one after them; they end nothing."""
    redetected_day: float | None = None
    lloqs: tuple[float, ...] = ()
    """Every LLOQ the samples were judged by, ascending: several when the assay changed."""
    cutoff: float | None = None
    """The cutoff used instead of each sample's own LLOQ."""
    n: int = 0
    withheld: Withheld | None = None


def persistence(samples: Sequence[Sample], *, cutoff: float | None = None) -> Persistence:
    """When a series went below LLOQ for good: two consecutive evaluable samples on different days confirm a loss.

    Each sample is judged by its own LLOQ, or all by `cutoff`; a signal below an LLOQ that itself lies above the cutoff
    says nothing then and is passed over.
    """
    profile = evaluable_profile(samples)
    reason = refusal(profile)
    if reason is not None:
        return Persistence(state=PersistenceState.NOT_ESTABLISHED, withheld=reason, n=len(profile), cutoff=cutoff)
    judged = [(sample.day, below) for sample in profile if (below := _is_below(sample, cutoff)) is not None]
    lloqs = tuple(sorted({sample.lloq for sample in profile if sample.lloq is not None}))
    start = next((i for i, (_, below) in enumerate(judged) if not below), None)
    if start is None:
        return Persistence(
            state=PersistenceState.NOT_ESTABLISHED,
            withheld=Withheld.NEVER_QUANTIFIED,
            n=len(judged),
            lloqs=lloqs,
            cutoff=cutoff,
        )

    return _time_to_end(judged[start:], lloqs=lloqs, cutoff=cutoff, samples=2, min_days_apart=1)


def _time_to_end(
    judged: Sequence[tuple[float, bool]],
    *,
    lloqs: tuple[float, ...],
    cutoff: float | None,
    samples: int,
    min_days_apart: float,
) -> Persistence:
    """The interval in which a state ended, from (day, has ended) pairs of which the first has not."""
    left = judged[0][0]
    right: float | None = None
    confirmed: float | None = None
    redetected: float | None = None
    transient: list[float] = []
    counted: list[float] = []
    for day, has_ended in judged[1:]:
        if has_ended:
            if right is None:
                right, counted = day, [day]
            elif math.floor(day) - math.floor(counted[-1]) >= min_days_apart:
                counted.append(day)
            if confirmed is None and len(counted) >= samples:
                confirmed = day
        elif confirmed is not None:
            redetected = day
            break
        else:
            if right is not None:
                transient.append(right)
            left, right = day, None

    if redetected is not None:
        state = PersistenceState.CONFLICT
    elif confirmed is not None:
        state = PersistenceState.LOST
    elif right is not None:
        state = PersistenceState.UNCONFIRMED
    else:
        state = PersistenceState.ONGOING
    return Persistence(
        state=state,
        left_day=left,
        right_day=right if confirmed is not None else None,
        confirmed_day=confirmed,
        unconfirmed_day=right if state is PersistenceState.UNCONFIRMED else None,
        transient_days=tuple(transient),
        redetected_day=redetected,
        lloqs=lloqs,
        cutoff=cutoff,
        n=len(judged),
    )


def aplasia_persistence(
    samples: Sequence[Sample], *, recovered_from: float, confirming_samples: int, min_days_apart: float
) -> Persistence:
    """When B-cell aplasia ended: in the interval to the first of the samples that confirmed the recovery.

    A sample is aplastic below `recovered_from`, in the unit of the series. The numbers are the protocol's. What the
    fields of `Persistence` say of "lost" is here said of "recovered", of "at or above LLOQ" of "aplastic".
    """
    profile = evaluable_profile(samples)
    reason = refusal(profile)
    if reason is not None:
        return Persistence(state=PersistenceState.NOT_ESTABLISHED, withheld=reason, n=len(profile))
    judged = [
        (sample.day, not aplastic) for sample in profile if (aplastic := _is_below(sample, recovered_from)) is not None
    ]
    start = next((i for i, (_, has_recovered) in enumerate(judged) if not has_recovered), None)
    if start is None:
        return Persistence(
            state=PersistenceState.NOT_ESTABLISHED,
            withheld=Withheld.NEVER_APLASTIC if judged else Withheld.NO_SAMPLES,
            n=len(judged),
            cutoff=recovered_from,
        )
    return _time_to_end(
        judged[start:],
        lloqs=(),
        cutoff=recovered_from,
        samples=confirming_samples,
        min_days_apart=min_days_apart,
    )


def _is_below(sample: Sample, cutoff: float | None) -> bool | None:
    """Whether a sample counts as lost; None when it cannot say."""
    if cutoff is None or not sample.state.is_blq:
        if not sample.is_quantified:
            return sample.state is not ValueState.ABOVE_ULOQ
        return cutoff is not None and sample.value is not None and sample.value < cutoff
    if sample.state is ValueState.NOT_DETECTED:
        return True
    return True if sample.lloq is not None and sample.lloq <= cutoff else None
