"""Event files of flow cytometers (FCS, LMD): how many events of which parameters, acquired when and on what.

labmon gates nothing: the counts of a gating program are the record. An event file says what was acquired, and proves by
its first and last events that it can be read to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.fcs import DataSet, data_sets, events_of
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import decide_date_order, iso_instant
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.source import Container, Source

_FORMAT = "fcs"
_NAMES_SAMPLE = ("$SMNO", "SAMPLE ID", "$SRC", "TUBE NAME", "EXPERIMENT NAME", "$FIL", "GUID")
"""Where an instrument may have put the sample's name, in the order of their worth (instruments.md 4.1)."""
_IS_A_SAMPLE = 4
"""The first of them name a sample; the others name an experiment or a file."""
_PROPERTIES = {"$CYTSN": "Serial number", "$INST": "Institution", "$PROJ": "Project"}


def claims(source: Source) -> bool:
    """The standard's first letters."""
    return source.container is Container.FCS


def read(source: Source, options: ReadOptions) -> FileReading:
    """Event count, parameters, first and last events. Raises UserError: F301, I002 damaged, I020 no list of events."""
    if source.container is not Container.FCS:
        raise UserError("I020", part="The beginning of an FCS file")
    sets = data_sets(source.buffer)
    used = events_of(sets)
    words = used.keywords
    rows = {keyword: row for row, keyword in enumerate(words, 1)}

    def reading(
        kind: ReadingKind, keyword: str, value: float | str, *, target: str | None = None, unit: str | None = None
    ) -> Reading:
        raw = words.get(keyword, "").strip() or (value if isinstance(value, str) else f"{value:g}")
        stated = None if value == "" else value
        place = Place(row=rows.get(keyword), element=keyword)
        return Reading(kind=kind, place=place, value=stated, raw=raw, sample=sample, target=target, unit=unit)

    named = [(name, text) for name in _NAMES_SAMPLE if (text := words.get(name, "").strip())]
    sample = next((text for name, text in named if name in _NAMES_SAMPLE[:_IS_A_SAMPLE]), None)
    readings = [
        reading(ReadingKind.EVENT_COUNT, "$TOT", float(used.event_count), unit="events"),
        reading(ReadingKind.PARAMETER_COUNT, "$PAR", float(len(used.parameters))),
        *(reading(ReadingKind.SAMPLE_NAME, name, text, target=name) for name, text in named),
    ]
    if len(sets) > 1:
        counted = reading(ReadingKind.DATA_SET_COUNT, "$NEXTDATA", float(len(sets)))
        readings.append(counted._replace(raw=str(len(sets))))
    for parameter in used.parameters:
        number = str(parameter.number)
        readings.append(reading(ReadingKind.PARAMETER_NAME, f"$P{number}N", parameter.name, target=number))
        if parameter.marker:
            readings.append(reading(ReadingKind.MARKER_NAME, f"$P{number}S", parameter.marker, target=number))
    readings += (each._replace(sample=sample) for each in _events(used))
    started, undecided = _started(used, options)
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*_issues(sets, used), *undecided),
        unread=_unread(sets, used),
        software=next((text for name in ("CREATOR", "SOFTWARE") if (text := words.get(name, "").strip())), None),
        instrument=words.get("$CYT", "").strip() or None,
        run_started_at=started,
        properties={
            "Version": used.version,
            **{label: text for name, label in _PROPERTIES.items() if (text := words.get(name, "").strip())},
        },
    )


def _issues(sets: Sequence[DataSet], used: DataSet) -> list[Issue]:
    counts = {"events": f"{used.event_count:,}", "parameters": len(used.parameters)}
    issues = [Issue(code="F324", parameters=counts)]
    if len(sets) > 1:
        versions = ", ".join(map(_in_words, sets))
        which = "the last one was read" if used is sets[-1] else f"the {used.version} list of events was read"
        issues.append(Issue(code="F302", parameters={"detail": f"The file holds {versions}; {which}"}))
    if used.segment.doubt:
        issues.append(Issue(code="F325", parameters={"detail": used.segment.doubt[0].upper() + used.segment.doubt[1:]}))
    for part in (part for each in sets for part in each.missing):
        parameters = {"part": f"The {part}", "consequence": "the file names it and does not hold it"}
        issues.append(Issue(code="I025", parameters=parameters))
    return issues


def _in_words(data_set: DataSet) -> str:
    if not data_set.is_list:
        return f"{data_set.version} with histograms"
    return f"{data_set.version} with {data_set.event_count:,} events"


def _unread(sets: Sequence[DataSet], used: DataSet) -> list[str]:
    others = [f"data set {number}: {_in_words(each)}" for number, each in enumerate(sets, 1) if each is not used]
    return [*others, *(["ANALYSIS segment"] if used.has_analysis else [])]


def _events(used: DataSet) -> list[Reading]:
    """The first and the last event, of the first, the middle and the last parameter."""
    last = used.event_count - 1
    if last < 0:
        used.events()  # refused where it is no list of events
        return []
    width = len(used.parameters)
    found = []
    for kind, row in ((ReadingKind.FIRST_EVENT, 0), (ReadingKind.LAST_EVENT, last)):
        (event,) = used.events(row, 1)
        for column in sorted({1, (width + 1) // 2, width}):
            value = float(event[column - 1])
            found.append(
                Reading(
                    kind=kind,
                    place=Place(element=f"event {row + 1}, parameter {column}"),
                    value=value if isfinite(value) else None,
                    raw=f"{value:.17g}",
                    target=str(column),
                    qualifier=None if isfinite(value) else Qualifier.NOT_COMPUTED,
                )
            )
    return found


def _started(used: DataSet, options: ReadOptions) -> tuple[str | None, list[Issue]]:
    """When the acquisition began; the question when its date names no single day; its events are certain."""
    began = used.keywords.get("$BEGINDATETIME", "").strip()
    if began and (instant := iso_instant(began, DateOrder.YMD)) is not None:
        return instant, []
    raw = used.keywords.get("$DATE", "").strip() or began
    if not raw:
        return None, []
    place = Place(row=1 + list(used.keywords).index("$DATE" if raw != began else "$BEGINDATETIME"), element="$DATE")
    try:
        order = decide_date_order([(raw, place)], options.date_order)
    except UserError as question:
        return None, [Issue(code=question.code, place=place, parameters=question.parameters)]
    clock = used.keywords.get("$BTIM", "").strip()
    started = iso_instant(f"{raw} {clock}", order)
    is_asked = started is None and options.run_started_on is None
    detail = f'"{raw}" names no day that could be understood'
    return started, [Issue(code="I003", place=place, parameters={"detail": detail})] if is_asked else []
