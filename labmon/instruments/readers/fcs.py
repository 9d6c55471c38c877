"""Event files of flow cytometers (FCS, LMD): how many events of which parameters, acquired when and on what.

labmon gates nothing: the counts of a gating program are the record. An event file says what was acquired, and proves by
its first and last events that it can be read to its end.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.fcs import DataSet, data_sets
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import decide_date_order, iso_instant
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Container, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMAT = "fcs"
_NAMES_SAMPLE = ("$SMNO", "SAMPLE ID", "$SRC", "TUBE NAME", "EXPERIMENT NAME", "$FIL", "GUID")
"""Where an instrument may have put the sample's name, in the order of their worth (instruments.md 4.1)."""
_IS_A_SAMPLE = 4
"""The first of them name a sample; the others name an experiment or a file."""


def claims(source: Source) -> bool:
    """The standard's first letters."""
    return source.container is Container.FCS


def read(source: Source, options: ReadOptions) -> FileReading:
    """Event count, parameters, first and last events. Raises UserError: F301, I002 damaged, I020 no list of events."""
    if source.container is not Container.FCS:
        raise UserError("I020", part="The beginning of an FCS file")
    sets = data_sets(source.data)
    used = sets[-1]  # of an LMD's two the newer version, uncompensated and in full resolution
    words = used.keywords
    named = [(name, text) for name in _NAMES_SAMPLE if (text := words.get(name, "").strip())]
    sample = next((text for name, text in named if name in _NAMES_SAMPLE[:_IS_A_SAMPLE]), None)
    readings = [
        _reading(ReadingKind.EVENT_COUNT, "$TOT", float(used.event_count), unit="events"),
        _reading(ReadingKind.PARAMETER_COUNT, "$PAR", float(len(used.parameters))),
        *(_reading(ReadingKind.SAMPLE_NAME, name, text, target=name) for name, text in named),
    ]
    issues: list[Issue] = []
    if len(sets) > 1:
        readings.append(_reading(ReadingKind.DATA_SET_COUNT, "$NEXTDATA", float(len(sets))))
        versions = ", ".join(f"{each.version} with {each.event_count:,} events" for each in sets)
        issues.append(Issue(code="F302", parameters={"detail": f"The file holds {versions}; the last one was read"}))
    for parameter in used.parameters:
        number = str(parameter.number)
        readings.append(_reading(ReadingKind.PARAMETER_NAME, f"$P{number}N", parameter.name, target=number))
        if parameter.marker:
            readings.append(_reading(ReadingKind.MARKER_NAME, f"$P{number}S", parameter.marker, target=number))
    readings += _events(used)
    started, undecided = _started(used, options)
    return file_reading(
        source,
        _FORMAT,
        readings=[each._replace(sample=sample) for each in readings],
        issues=(*issues, *undecided),
        software=next((text for name in ("CREATOR", "SOFTWARE") if (text := words.get(name, "").strip())), None),
        instrument=words.get("$CYT", "").strip() or None,
        run_started_at=started,
        properties={"Version": used.version},
    )


def _reading(
    kind: ReadingKind, keyword: str, value: float | str, *, target: str | None = None, unit: str | None = None
) -> Reading:
    raw = value if isinstance(value, str) else f"{value:g}"
    return Reading(kind=kind, place=Place(element=keyword), value=value or None, raw=raw, target=target, unit=unit)


def _events(used: DataSet) -> list[Reading]:
    """The first and the last event, of the first, the middle and the last parameter."""
    events: NDArray[Any] = used.events()
    if not used.event_count:
        return []
    count = len(used.parameters)
    found = []
    for kind, row in ((ReadingKind.FIRST_EVENT, 0), (ReadingKind.LAST_EVENT, used.event_count - 1)):
        for column in sorted({1, (count + 1) // 2, count}):
            value = float(events[row, column - 1])
            found.append(
                Reading(
                    kind=kind,
                    place=Place(element=f"event {row + 1}, parameter {column}"),
                    value=value if isfinite(value) else None,
                    raw=repr(value),
                    target=str(column),
                )
            )
    return found


def _started(used: DataSet, options: ReadOptions) -> tuple[str | None, list[Issue]]:
    """When the acquisition began; the question when its date has two meanings. Its events are none the less certain."""
    raw = used.keywords.get("$DATE", "").strip()
    place = Place(element="$DATE")
    try:
        order = decide_date_order([(raw, place)], options.date_order)
    except UserError as question:
        return None, [Issue(code=question.code, place=place, parameters=question.parameters)]
    clock = used.keywords.get("$BTIM", "").strip()
    return iso_instant(f"{raw} {clock}", order) if raw else None, []
