"""What is measured: the analytes results are made of, and what a target of an export stands for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from labmon.domain.quantity import Unit


class Analyte(StrEnum):
    """What a result says something about; names are the glossary's."""

    __hash__ = str.__hash__  # Enum's own is a Python function, and series are looked up by it all day

    TRANSGENE_COPIES_PER_REACTION = "transgene_copies_per_reaction"
    TRANSGENE_COPIES_PER_UG_DNA = "transgene_copies_per_ug_dna"
    TRANSGENE_COPIES_PER_UL_BLOOD = "transgene_copies_per_ul_blood"
    GDNA_CONC_NG_PER_UL = "gdna_conc_ng_per_ul"
    CAR_POS_PCT_OF_CD3 = "car_pos_pct_of_cd3"
    CAR_POS_CELLS_PER_UL = "car_pos_cells_per_ul"
    CD19_PCT_OF_WBC = "cd19_pct_of_wbc"
    CD19_PCT_OF_LYMPHOCYTES = "cd19_pct_of_lymphocytes"
    CD19_CELLS_PER_UL = "cd19_cells_per_ul"
    MRD_FRACTION = "mrd_fraction"
    PD1_PCT_OF_CAR_POS = "pd1_pct_of_car_pos"
    TIM3_PCT_OF_CAR_POS = "tim3_pct_of_car_pos"
    LAG3_PCT_OF_CAR_POS = "lag3_pct_of_car_pos"
    TIGIT_PCT_OF_CAR_POS = "tigit_pct_of_car_pos"
    CD39_PCT_OF_CAR_POS = "cd39_pct_of_car_pos"

    @property
    def unit(self) -> Unit:
        return _INFO[self].unit

    @property
    def label(self) -> str:
        return _INFO[self].label

    @property
    def is_supporting(self) -> bool:
        """Shown as a trend, never read by a criterion."""
        return _INFO[self].is_supporting


@dataclass(frozen=True, slots=True)
class _Info:
    label: str
    unit: Unit
    is_supporting: bool = False


_INFO = {
    Analyte.TRANSGENE_COPIES_PER_REACTION: _Info("Transgene per reaction", Unit.COPIES_PER_REACTION),
    Analyte.TRANSGENE_COPIES_PER_UG_DNA: _Info("Transgene", Unit.COPIES_PER_UG_DNA),
    Analyte.TRANSGENE_COPIES_PER_UL_BLOOD: _Info("Transgene per µL blood", Unit.COPIES_PER_UL_BLOOD),
    Analyte.GDNA_CONC_NG_PER_UL: _Info("DNA concentration", Unit.NG_PER_UL),
    Analyte.CAR_POS_PCT_OF_CD3: _Info("CAR+ of CD3+", Unit.PERCENT),
    Analyte.CAR_POS_CELLS_PER_UL: _Info("CAR+ T cells", Unit.CELLS_PER_UL),
    Analyte.CD19_PCT_OF_WBC: _Info("CD19+ of WBC", Unit.PERCENT),
    Analyte.CD19_PCT_OF_LYMPHOCYTES: _Info("CD19+ of lymphocytes", Unit.PERCENT),
    Analyte.CD19_CELLS_PER_UL: _Info("CD19+ cells", Unit.CELLS_PER_UL),
    Analyte.MRD_FRACTION: _Info("MRD", Unit.FRACTION),
    Analyte.PD1_PCT_OF_CAR_POS: _Info("PD-1+ of CAR+", Unit.PERCENT, is_supporting=True),
    Analyte.TIM3_PCT_OF_CAR_POS: _Info("TIM-3+ of CAR+", Unit.PERCENT, is_supporting=True),
    Analyte.LAG3_PCT_OF_CAR_POS: _Info("LAG-3+ of CAR+", Unit.PERCENT, is_supporting=True),
    Analyte.TIGIT_PCT_OF_CAR_POS: _Info("TIGIT+ of CAR+", Unit.PERCENT, is_supporting=True),
    Analyte.CD39_PCT_OF_CAR_POS: _Info("CD39+ of CAR+", Unit.PERCENT, is_supporting=True),
}


class Measurand(StrEnum):
    """What a target of an export stands for: a gene of a PCR, a population or formula of a flow export."""

    TRANSGENE = "transgene"
    REFERENCE_GENE = "reference_gene"
    WBC_EVENTS = "wbc_events"
    LYMPHOCYTE_EVENTS = "lymphocyte_events"
    CD3_EVENTS = "cd3_events"
    CAR_POS_EVENTS = "car_pos_events"
    CD19_EVENTS = "cd19_events"
    BEAD_EVENTS = "bead_events"
    CAR_POS_CELLS_PER_UL = "car_pos_cells_per_ul"
    CD19_CELLS_PER_UL = "cd19_cells_per_ul"
    PD1_CAR_POS_EVENTS = "pd1_car_pos_events"
    TIM3_CAR_POS_EVENTS = "tim3_car_pos_events"
    LAG3_CAR_POS_EVENTS = "lag3_car_pos_events"
    TIGIT_CAR_POS_EVENTS = "tigit_car_pos_events"
    CD39_CAR_POS_EVENTS = "cd39_car_pos_events"
    IGNORED = "ignored"
    """A person decided that labmon makes no result of this target."""


class MrdMethod(StrEnum):
    """How MRD was measured; methods are compared, never averaged."""

    __hash__ = str.__hash__  # Enum's own is a Python function, and series are looked up by it all day

    FLOW = "flow"
    NGS = "ngs"
    RQ_PCR = "rq_pcr"

    @property
    def letter(self) -> str:
        """The letter beside a mark of this method."""
        return {MrdMethod.FLOW: "F", MrdMethod.NGS: "N", MrdMethod.RQ_PCR: "P"}[self]
