"""The head of an export: instrument, run, dates; nothing that names a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from labmon.domain.issue import Issue, Place
from labmon.instruments.locale import decide_date_order, iso_instant
from labmon.instruments.options import DateOrder
from labmon.instruments.tables import Row, cell_text
from labmon.instruments.words import plain

STARTED = (
    "run start data/time",
    "run start date/time",
    "experiment run start time",
    "run start time",
    "run started",
    "run datetime",
    "run date",
)
ENDED = (
    "experiment run end time",
    "experiment run stop time",
    "run end data/time",
    "run end date/time",
    "run end time",
    "run ended",
)
_LONGEST_RUN = timedelta(hours=6)
"""No qPCR protocol takes longer: a run that ended later in the day than this began on that day. It only words I022."""


@dataclass(slots=True)
class Head:
    """The head's lines by their words, with the places they stand at."""

    kept: frozenset[str]
    """The words of the lines that are kept."""
    named: frozenset[str]
    """The words of the lines that are known, kept or not."""
    texts: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def add(self, key: str, value: str, place: Place) -> None:
        """Take one line of the head; the first of two with the same words counts."""
        words = plain(key.strip().lstrip("*#"))
        if words and words not in self.texts:
            self.texts[words] = value.strip()
            self.keys[words] = key.strip().lstrip("*#").strip()
            self.places[words] = place

    def add_row(self, row: Row, sheet: str | None = None) -> None:
        """Take a row of the head: `* key = value`, `# key: value` or `key: value`, or key and value in two cells."""
        filled = [text for cell in row.cells if (text := cell_text(cell))]
        if not filled:
            return
        place = Place(sheet=sheet, row=row.number)
        key, colon, value = ", ".join(filled).partition(":")
        if colon and (key.startswith("#") or plain(key) in self.named):
            self.add(key, value, place)
            return
        key, equals, value = filled[0].partition(" =")
        if equals and len(filled) == 1:
            self.add(key, value, place)
        elif len(filled) > 1 or plain(filled[0]).lstrip("* ") in self.named:
            self.add(filled[0], " ".join(filled[1:]), place)

    def get(self, *names: str) -> str | None:
        """The first of these lines that says anything; NA says nothing."""
        for name in names:
            text = self.texts.get(name, "")
            if text and plain(text) not in ("na", "n/a"):
                return text
        return None

    @property
    def properties(self) -> Mapping[str, str]:
        return {self.keys[words]: text for words in self.texts if words in self.kept and (text := self.get(words))}

    @property
    def unread(self) -> tuple[str, ...]:
        """The one entry for all lines of the head that were left aside, by their keys."""
        left = [self.keys[words] for words, text in self.texts.items() if words not in self.kept and text]
        return (f"head of the file ({', '.join(left)})",) if left else ()

    def date_order(self, answer: DateOrder | None, *, usual: DateOrder | None = None) -> DateOrder | None:
        """The order of the dates in the head, calibration dates too. Raises UserError I003."""
        kept = [words for words in (*STARTED, *ENDED) if self.get(words)]
        witnesses = [
            self.texts[words]
            for words in self.texts
            if words not in kept and any(each in words for each in ("time", "date", "performed on"))
        ]
        return decide_date_order(
            ((self.texts[words], self.places[words]) for words in kept), answer, witnesses=witnesses, usual=usual
        )

    def run_started_at(self, order: DateOrder | None) -> tuple[str | None, list[Issue]]:
        """When the run began: as stated, else the day it ended, with a warning when that may be the day after."""
        started = self.get(*STARTED)
        instant = iso_instant(started, order) if started else None
        if instant is not None:
            return instant, []
        ended = self.get(*ENDED)
        instant = iso_instant(ended, order) if ended else None
        if ended is None or instant is None:
            return None, []
        moment = datetime.fromisoformat(instant)
        issues = []
        if "T" in instant and (moment - _LONGEST_RUN).date() != moment.date():
            place = next(self.places[words] for words in ENDED if self.get(words))
            issues.append(Issue(code="I022", place=place, parameters={"ended": ended}))
        return moment.date().isoformat(), issues


def name_of(path: str | None, ending: str) -> str | None:
    """A run's name, from the path of its file: without the folders, which hold the names of users, and the ending."""
    return (path or "").replace("\\", "/").rpartition("/")[2].removesuffix(ending) or None
