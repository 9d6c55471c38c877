"""The file NucleoView and NC-View write for one sample on a NucleoCounter: a label and a value on each line."""

from __future__ import annotations

import re

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import decide_numbers, iso_instant, locale_sentence
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.cell_count import Printed, measure_of, readings_of
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import not_read
from labmon.instruments.words import plain

_FORMAT = "nucleoview"
_LINE = re.compile(r"([^;\t]{1,80}?)\s*[:]?\s*[;\t](.*?)[;\s]*")
_COMPACT_INSTANT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2}) ([0-9]{2})([0-9]{2})([0-9]{2})")
_HOURS = re.compile(r"([+-]?)([0-9]{1,2})(?:[.,]([0-9]+))?")
_KNOWN = frozenset({"image", "sample id", "date time", "time (utc)", "time zone offset", "instrument type"}) | {
    "instrument s/n",
    "instrument",
    "application sw version",
    "software version",
}
_FIRST_LINES = 40


def claims(source: Source) -> bool:
    """Labels for an image or sample, viability and total cells, one on each line."""
    if source.container is not Container.TEXT:
        return False
    labels = {plain(found[1]) for line in source.text.lines[:_FIRST_LINES] if (found := _LINE.fullmatch(line))}
    targets = {measure.target for label in labels if (measure := measure_of(label)) is not None}
    return bool(labels & {"image", "sample id"}) and {"viability", "total cells"} <= targets


def read(source: Source, options: ReadOptions) -> FileReading:
    """The cells of one sample, alive and dead, with viability and diameter. Raises UserError: I002, I003."""
    labelled: dict[str, str] = {}
    printed: list[Printed] = []
    unread: list[str] = []
    for number, line in enumerate(source.text.lines, 1):
        found = _LINE.fullmatch(line)
        if found is None or not found[2].strip():
            continue
        label, value = found[1].strip(), found[2].strip()
        measure = measure_of(label)
        if measure is not None:
            place = Place(row=number, column=2, heading=label)
            printed.append(Printed(measure=measure, cell=value, raw=value, place=place))
            continue
        if labelled.setdefault(plain(label), value) is value and plain(label) not in _KNOWN:
            unread.append(label)
    if len(printed) < 3:
        raise UserError("I002", detail="the cells of its sample are not all there")
    numbers = decide_numbers(((each.cell, each.place) for each in printed), options.decimal_mark)
    issues: list[Issue] = []
    sample = labelled.get("sample id") or labelled.get("image")
    readings: list[Reading] = list(readings_of(printed, sample, numbers, issues))
    model, serial = labelled.get("instrument type"), labelled.get("instrument s/n", labelled.get("instrument"))
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        software=labelled.get("application sw version", labelled.get("software version")),
        instrument=" ".join(part for part in (model, serial) if part) or None,
        run_started_at=_started_at(labelled),
        locale=locale_sentence(numbers, None, source.text.encoding),
    )


def _started_at(labelled: dict[str, str]) -> str | None:
    """The instant, with the offset the file states; None when there is none that a clock can show."""
    compact = _COMPACT_INSTANT.fullmatch(labelled.get("date time", ""))
    if compact is None:
        universal = iso_instant(labelled.get("time (utc)", ""), None)
        return f"{universal}+00:00" if universal is not None and "T" in universal else universal
    year, month, day, hour, minute, second = compact.groups()
    instant = iso_instant(f"{year}-{month}-{day} {hour}:{minute}:{second}", None)
    offset = _HOURS.fullmatch(labelled.get("time zone offset", ""))
    if instant is None or "T" not in instant or offset is None or int(offset[2]) > 14:
        return instant
    minutes = round(60 * float(f"0.{offset[3] or 0}"))
    return f"{instant}{offset[1] or '+'}{int(offset[2]):02d}:{minutes:02d}"
