"""The run file of a Rotor-Gene (.rex): who lay in which tube, and the quantities given. It holds no Ct."""

from __future__ import annotations

from collections.abc import Iterator

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Reading, ReadingKind, Task
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import NumberFormat, decide_numbers, iso_instant, locale_sentence
from labmon.instruments.markup import Element, parse
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import not_read

_FORMAT = "rotorgene_run"
_UNUSED = "0"
_TASKS = {"1": Task.STANDARD, "2": Task.UNKNOWN, "3": Task.NTC, "5": Task.POSITIVE_CONTROL}
"""The types of a tube; "0" is a tube nobody used."""
_CURVES = ("Reading", "Tmp2", "Tmp4", "TmpSample")
"""Raw readings of every tube and cycle, and temperatures: nearly the whole file."""
_KEPT = {"RexHeader": "File version", "ReactionVolume": "Reaction volume (µL)"}


def claims(source: Source) -> bool:
    """An <Experiment> that says it is a REX file."""
    return source.root_name == "Experiment" and any("<RexHeader" in line for line in source.markup.lines[:200])


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read the names and given quantities of the used tubes. Raises UserError: I002 damaged, I020 no tube in it."""
    root = parse("\n".join(source.markup.lines), leave_out=_CURVES)
    setup = root.first("Samples")
    tubes = [
        tube
        for page in (setup.all("Page") if setup is not None else ())
        for tube in page.all("Sample")
        if tube.text_of("Type") != _UNUSED
    ]
    if setup is None or not tubes:
        raise UserError("I020", part="Every sample of the run")
    unit = setup.text_of("ConcentrationUnit") or None
    given = [(tube.text_of("GivenConc"), tube.place) for tube in tubes]
    numbers = decide_numbers(given, options.decimal_mark)
    readings = [reading for tube in tubes for reading in _readings(tube, unit, numbers)]
    consequence = "a run file holds the raw readings only; export the analysed data"
    unread = tuple(dict.fromkeys(f"<{part.name}>" for part in root.children if part.children and part is not setup))
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(
            Issue(code="I025", parameters={"part": "Every Ct", "consequence": consequence}),
            *not_read(unread),
        ),
        unread=unread,
        run_started_at=iso_instant(root.text_of("StartTime"), None),
        locale=locale_sentence(numbers, None, source.markup.encoding),
        properties={words: text for name, words in _KEPT.items() if (text := root.text_of(name))},
    )


def _readings(tube: Element, unit: str | None, numbers: NumberFormat) -> Iterator[Reading]:
    """The tube's name, and the quantity given to a standard. A tube without a name stays without one."""
    name = tube.text_of("Name")
    reading = Reading(
        kind=ReadingKind.SAMPLE_NAME,
        place=tube.place,
        value=name,
        raw=name,
        well=tube.text_of("TubePosition") or tube.text_of("ID") or None,
        sample=name or None,
        task=_TASKS.get(tube.text_of("Type")),
    )
    if name:
        yield reading
    raw = tube.text_of("GivenConc")
    quantity = numbers.parse(raw)
    if quantity:  # 0 stands beside every tube that is no standard
        yield reading._replace(kind=ReadingKind.QUANTITY_GIVEN, value=quantity, raw=raw, unit=unit)
