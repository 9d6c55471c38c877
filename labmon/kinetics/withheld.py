"""Why a kinetic parameter is not reported: the reason codes and their sentences."""

from __future__ import annotations

from enum import StrEnum


class Withheld(StrEnum):
    """A parameter is a number or one of these, never a guess."""

    NO_SAMPLES = "no_samples"
    DUPLICATE_TIMES = "duplicate_times"
    UNITS_MIXED = "units_mixed"
    CONTRADICTORY_LIMITS = "contradictory_limits"
    LLOQ_UNKNOWN = "lloq_unknown"
    NEVER_QUANTIFIED = "never_quantified"
    NEVER_APLASTIC = "never_aplastic"
    ABOVE_ULOQ_AT_PEAK = "above_uloq_at_peak"
    ONE_SAMPLE = "one_sample"
    NO_DAY_0_SAMPLE = "no_day_0_sample"
    LAST_SAMPLE_BEFORE_TAU = "last_sample_before_tau"
    TOO_FEW_POINTS = "too_few_points"
    RISING_TAIL = "rising_tail"
    NOT_RISING = "not_rising"
    NO_BLQ_BEFORE = "no_blq_before"
    NOT_OF_THE_MODELS_PRODUCTS = "not_of_the_models_products"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Withheld.NO_SAMPLES: "no evaluable sample since the infusion",
    Withheld.DUPLICATE_TIMES: "two results stand at the same time; exclude one of them with a reason",
    Withheld.UNITS_MIXED: "the series holds several units",
    Withheld.CONTRADICTORY_LIMITS: "the limits of a run contradict each other or its values",
    Withheld.LLOQ_UNKNOWN: "the chosen treatment of values below LLOQ needs an LLOQ the run does not have",
    Withheld.NEVER_QUANTIFIED: "never above LLOQ",
    Withheld.NEVER_APLASTIC: "no sample without B cells since the infusion",
    Withheld.ABOVE_ULOQ_AT_PEAK: "a value above ULOQ stands where the number is needed; dilute and repeat",
    Withheld.ONE_SAMPLE: "one sample makes no area",
    Withheld.NO_DAY_0_SAMPLE: "no sample on day 0: the area up to the first sample was not measured",
    Withheld.LAST_SAMPLE_BEFORE_TAU: "the last sample was drawn earlier",
    Withheld.TOO_FEW_POINTS: "too few quantified samples",
    Withheld.RISING_TAIL: "rising tail: no window of the last samples declines",
    Withheld.NOT_RISING: "the quantified values do not rise towards the peak",
    Withheld.NO_BLQ_BEFORE: "no sample below LLOQ before the first quantified one",
    Withheld.NOT_OF_THE_MODELS_PRODUCTS: "the published model is of 4-1BB products only",
}
