"""What an instrument said, in the instrument's words, with the place in the file where it said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from labmon.domain.issue import Issue, Place


class Task(StrEnum):
    """What a well was for, where the file says so."""

    UNKNOWN = "unknown"
    STANDARD = "standard"
    NTC = "ntc"
    POSITIVE_CONTROL = "positive_control"
    NEGATIVE_CONTROL = "negative_control"


class Qualifier(StrEnum):
    """Why a reading is no plain number."""

    UNDETERMINED = "undetermined"
    NO_CALL = "no_call"
    SATURATED = "saturated"
    NOT_COMPUTED = "not_computed"
    OMITTED = "omitted"


class ReadingKind(StrEnum):
    """What was read; the vocabulary of `labmon read --json`."""

    CQ = "cq"
    CQ_MEAN = "cq_mean"
    CQ_SD = "cq_sd"
    QUANTITY = "quantity"
    QUANTITY_MEAN = "quantity_mean"
    QUANTITY_SD = "quantity_sd"
    QUANTITY_GIVEN = "quantity_given"
    SLOPE = "slope"
    INTERCEPT = "intercept"
    R2 = "r2"
    EFFICIENCY = "efficiency"
    THRESHOLD = "threshold"
    CONCENTRATION = "concentration"
    CONCENTRATION_UNDILUTED = "concentration_undiluted"
    COPIES_PER_20UL_WELL = "copies_per_20ul_well"
    ACCEPTED_DROPLETS = "accepted_droplets"
    POSITIVE_DROPLETS = "positive_droplets"
    NEGATIVE_DROPLETS = "negative_droplets"
    PARTITIONS_VALID = "partitions_valid"
    PARTITIONS_POSITIVE = "partitions_positive"
    PARTITIONS_NEGATIVE = "partitions_negative"
    CI_LOW = "ci_low"
    CI_HIGH = "ci_high"
    EVENT_COUNT = "event_count"
    COUNT = "count"
    PERCENT_OF_PARENT = "percent_of_parent"
    PERCENT_OF_TOTAL = "percent_of_total"
    STATISTIC = "statistic"
    DNA_NG_PER_UL = "dna_ng_per_ul"
    RATIO_260_280 = "ratio_260_280"
    RATIO_260_230 = "ratio_260_230"
    PARAMETER_COUNT = "parameter_count"
    PARAMETER_NAME = "parameter_name"
    MARKER_NAME = "marker_name"
    ACQUIRED_AT = "acquired_at"
    FIRST_EVENT = "first_event"
    LAST_EVENT = "last_event"
    DATA_SET_COUNT = "data_set_count"
    TEMPLATES = "templates"
    READS = "reads"
    READS_TOTAL = "reads_total"
    READS_SEGMENTED = "reads_segmented"
    NORMALIZED_READS = "normalized_reads"
    DUPLICATE_COUNT = "duplicate_count"
    CONSENSUS_COUNT = "consensus_count"
    UMI_COUNT = "umi_count"
    REARRANGEMENT_COUNT = "rearrangement_count"
    FREQUENCY = "frequency"
    PRODUCTIVE_FREQUENCY = "productive_frequency"
    COPY_NUMBER = "copy_number"
    SAMPLE_NAME = "sample_name"
    MRD_EVENTS = "mrd_events"
    MRD_TOTAL_CELLS = "mrd_total_cells"
    MRD_FRACTION = "mrd_fraction"
    MRD_COPIES_PER_MILLION = "mrd_copies_per_million"
    MRD_SENSITIVITY_FRACTION = "mrd_sensitivity_fraction"
    MRD_LLOQ_FRACTION = "mrd_lloq_fraction"
    MRD_STATE = "mrd_state"
    MRD_DENOMINATOR = "mrd_denominator"


class Reading(NamedTuple):
    """One thing an instrument said. `raw` is the text it stood as; `value` is None when there is no plain number."""

    kind: ReadingKind
    place: Place
    value: float | str | None
    raw: str
    well: str | None = None
    sample: str | None = None
    target: str | None = None
    task: Task | None = None
    unit: str | None = None
    qualifier: Qualifier | None = None
    is_omitted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalRow:
    """One row of a clinical workbook: the sheet's fact and its cells by field name, as typed values or None."""

    fact: str
    place: Place
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """Everything read from one file, and everything that was not."""

    file_name: str
    sha256: str
    size_bytes: int
    format_id: str
    format_title: str
    reader_version: int
    software: str | None = None
    instrument: str | None = None
    run_started_at: str | None = None
    """ISO 8601: a date, or a date and time with the offset when the file states one."""
    run_name: str | None = None
    readings: tuple[Reading, ...] = ()
    clinical_rows: tuple[ClinicalRow, ...] = ()
    issues: tuple[Issue, ...] = ()
    unread: tuple[str, ...] = ()
    """Sections, sheets and columns nobody read."""
    headings: tuple[str, ...] = ()
    """Those of its table of results, in their order; empty for a file that has no columns."""
    locale: str = "decimal point"
    """How numbers and dates were understood, for the person to see."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """What else the head of the file states (operator excluded), by the file's own words."""

    @property
    def started(self) -> datetime | None:
        return datetime.fromisoformat(self.run_started_at) if self.run_started_at else None
