"""Kinetic parameters of the profiles in a table, without any study: to compare with another program."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import DEFAULT_SETTINGS, PARAMETERS, Nca, NcaSettings, Sample, analyse

COLUMNS = ("profile", "time_days", "value", "value_state", "lloq")

_LONGEST_CELL = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileParameters:
    """One profile of the table with its parameters; None is a parameter withheld."""

    profile: str
    parameters: Mapping[str, float | None]
    withheld: Mapping[str, str]


def analyse_profiles(path: Path, settings: NcaSettings = DEFAULT_SETTINGS) -> tuple[ProfileParameters, ...]:
    """The parameters of every profile, in the order the table names them.

    The table is comma-separated text with the columns of `COLUMNS`. Raises UserError with the line for a table that
    cannot be read whole: a profile with a row missing would give another number.
    """
    found = []
    for profile, samples in read_profiles(path).items():
        nca: Nca = analyse(samples, settings)
        found.append(
            ProfileParameters(
                profile=profile,
                parameters={name: nca.value(name) for name in PARAMETERS},
                withheld={name: nca.withheld[name].value for name in PARAMETERS if name in nca.withheld},
            )
        )
    return tuple(found)


def settings_in_words(settings: NcaSettings = DEFAULT_SETTINGS) -> str:
    """How areas were taken and values below LLOQ counted."""
    return settings.words


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
        for column in COLUMNS:
            if column not in (rows.fieldnames or ()):
                raise UserError("I020", part=f'The column "{column}"')
        for cells in rows:
            row = _Row(cells={key: (cells[key] or "").strip() for key in COLUMNS}, line=rows.line_num)
            profiles[row.text("profile")].append(row.sample())
    except csv.Error as error:
        raise UserError("I002", place=Place(row=rows.line_num), detail=str(error)) from error
    return dict(profiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    cells: Mapping[str, str]
    line: int

    def sample(self) -> Sample:
        state = self._state()
        value = self._number("value")
        if state is ValueState.QUANTIFIED and value is None:
            raise UserError("I016", place=self._place("value"), raw="", what="the value of a quantified sample")
        if value is not None and value < 0:
            raise UserError(
                "I014",
                place=self._place("value"),
                what="The value",
                value=self.cells["value"],
                low=0,
                high="any number",
            )
        day = self._number("time_days")
        if day is None:
            raise UserError("I016", place=self._place("time_days"), raw="", what="a number of days")
        return Sample(day, value if state is ValueState.QUANTIFIED else None, state, self._number("lloq"))

    def text(self, column: str) -> str:
        if not self.cells[column]:
            raise UserError("C501", place=self._place(column), field=column)
        return self.cells[column]

    def _state(self) -> ValueState:
        raw = self.text("value_state")
        try:
            return ValueState(raw)
        except ValueError as error:
            expected = "one of " + ", ".join(ValueState)
            raise UserError("C502", place=self._place("value_state"), raw=raw, expected=expected) from error

    def _number(self, column: str) -> float | None:
        raw = self.cells[column]
        if not raw:
            return None
        try:
            number = float(raw)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise UserError("I016", place=self._place(column), raw=raw, what=f"a number ({column})")
        return number

    def _place(self, column: str) -> Place:
        return Place(row=self.line, heading=column)
