"""Kinetic parameters of the profiles in a table, without any study: to compare with another program."""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeAlias

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import ValueState
from labmon.kinetics.cohort_nca import CohortSamples, analyse_cohort
from labmon.kinetics.nca import DEFAULT_SETTINGS, PARAMETERS, AucRule, BlqTreatment, NcaSettings, Sample
from labmon.kinetics.persistence import Persistence, persistence
from labmon.kinetics.population import Estimator, PersistenceSummary, summarise
from labmon.kinetics.sample_issues import sample_issues

COLUMNS = ("profile", "time_days", "value", "value_state", "lloq")
AUC_RULES = tuple(rule.value for rule in AucRule)
ESTIMATORS = tuple(estimator.value for estimator in Estimator)
BLQ_TREATMENTS = tuple(treatment.value for treatment in BlqTreatment)

GroupPersistence: TypeAlias = PersistenceSummary

_LONGEST_CELL = 1 << 17
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MOST_DAYS, _MOST, _LEAST = 1e5, 1e15, 1e-15
"""Beyond these no value, limit or day is plausible, and areas would leave the range of a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileParameters:
    """One profile of the table with its parameters; None is a parameter withheld."""

    profile: str
    parameters: Mapping[str, float | None]
    withheld: Mapping[str, str]
    persistence: Persistence
    issues: tuple[Issue, ...]
    """What is wrong with the samples, each naming profile and day."""


def analyse_profiles(path: Path, settings: NcaSettings = DEFAULT_SETTINGS) -> tuple[ProfileParameters, ...]:
    """The parameters of every profile, in the order the table names them.

    The table is comma-separated text with the columns of `COLUMNS`. Raises UserError with the line for a table that
    cannot be read whole: a profile with a row missing would give another number.
    """
    profiles = read_profiles(path)
    cohort = analyse_cohort(CohortSamples.of(list(profiles.values())), settings)
    return tuple(
        ProfileParameters(
            profile=profile,
            parameters={name: _plain(name, cohort.value(name, row)) for name in PARAMETERS},
            withheld={name: reason.value for name in PARAMETERS if (reason := cohort.withheld(name, row)) is not None},
            persistence=persistence(samples),
            issues=sample_issues(profile, samples),
        )
        for row, (profile, samples) in enumerate(profiles.items())
    )


def group_persistence(profiles: Sequence[ProfileParameters], estimator: str = Estimator.TURNBULL) -> GroupPersistence:
    """The persistence of all profiles as one curve, by an estimator of `ESTIMATORS`."""
    return summarise([one.persistence for one in profiles], Estimator(estimator))


def _plain(name: str, value: float | None) -> float | None:
    return int(value) if value is not None and name == "lambda_z_points" else value


def nca_settings(
    *,
    auc_rule: str = DEFAULT_SETTINGS.auc_rule,
    blq_first: str = DEFAULT_SETTINGS.blq_first,
    blq_middle: str = DEFAULT_SETTINGS.blq_middle,
    blq_last: str = DEFAULT_SETTINGS.blq_last,
    auc_to_first_blq: bool = DEFAULT_SETTINGS.auc_to_first_blq,
) -> NcaSettings:
    """How areas are taken and values below LLOQ count, from the words of `AUC_RULES` and `BLQ_TREATMENTS`."""
    return NcaSettings(
        auc_rule=AucRule(auc_rule),
        blq_first=BlqTreatment(blq_first),
        blq_middle=BlqTreatment(blq_middle),
        blq_last=BlqTreatment(blq_last),
        auc_to_first_blq=auc_to_first_blq,
    )


def read_profiles(path: Path) -> dict[str, list[Sample]]:
    """The samples of every profile, by name, in the order of the table."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError("I011", detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise UserError("I002", detail="the text is not UTF-8") from error
    csv.field_size_limit(_LONGEST_CELL)  # the limit is the process's: whoever read before may have raised it
    rows = csv.DictReader(io.StringIO(text, newline=""))
    profiles: dict[str, list[Sample]] = defaultdict(list)
    try:
        _require_columns(rows.fieldnames or ())
        for cells in rows:
            if None in cells:  # a comma too many moves every number after it
                raise UserError("K609", place=Place(row=rows.line_num), detail="The row has more cells than headings.")
            row = _Row(cells={key: (cells[key] or "").strip() for key in COLUMNS}, line=rows.line_num)
            profiles[row.profile].append(row.sample())
    except csv.Error as error:
        raise UserError("I002", place=Place(row=rows.line_num), detail=str(error)) from error
    return dict(profiles)


def _require_columns(headings: Sequence[str]) -> None:
    for column in COLUMNS:
        if column not in headings:
            raise UserError("I020", part=f'The column "{column}"')
        if headings.count(column) > 1:
            raise UserError("K609", detail=f'The column "{column}" stands there {headings.count(column)} times.')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    cells: Mapping[str, str]
    line: int

    @property
    def profile(self) -> str:
        return self.cells["profile"] or self._refuse("profile", "the name of a profile")

    def sample(self) -> Sample:
        state = self._state()
        day = self._number("time_days", -_MOST_DAYS, _MOST_DAYS)
        value = self._number("value", 0, _MOST)
        if day is None:
            return self._refuse("time_days", "a number of days")
        if state is ValueState.QUANTIFIED and value is None:
            return self._refuse("value", "the number of a quantified sample")
        is_read = state is ValueState.QUANTIFIED or state.is_blq
        return Sample(day, value if is_read else None, state, self._number("lloq", 0, _MOST))

    def _state(self) -> ValueState:
        try:
            return ValueState(self.cells["value_state"])
        except ValueError:
            return self._refuse("value_state", "one of " + ", ".join(ValueState))

    def _number(self, column: str, low: float, high: float) -> float | None:
        raw = self.cells[column]
        if not raw:
            return None
        if _NUMBER.fullmatch(raw) is None:
            return self._refuse(column, "a number with a decimal point")
        number = float(raw)
        if not low <= number <= high or 0 < abs(number) < _LEAST:
            return self._refuse(column, f"a number from {low:g} to {high:g}")
        return number

    def _refuse(self, column: str, expected: str) -> NoReturn:
        raw = textwrap.shorten(self.cells[column], 60, placeholder=" …")
        raise UserError(
            "K609", place=Place(row=self.line, heading=column), detail=f'{column} is "{raw}", not {expected}.'
        )
