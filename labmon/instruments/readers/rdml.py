"""RDML 1.0 to 1.4 (.rdml, .lc96p): Cq, quantities and partitions of every reaction of every run of the file."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from operator import methodcaller

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.instruments.cq import BLANK, NO_CQ, is_no_cq
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import NumberFormat, decide_numbers, iso_instant, locale_sentence
from labmon.instruments.markup import Element, parse
from labmon.instruments.options import ReadOptions
from labmon.instruments.readers.lightcycler96_calls import WellKey, set_aside
from labmon.instruments.readers.partition_counts import COPIES_PER_UL, concentration_issues
from labmon.instruments.readers.rdml_plate import Plate, plate_of
from labmon.instruments.source import Container, Source
from labmon.instruments.tables import not_read
from labmon.instruments.words import plain

_FORMAT = "rdml"
_ROOT = "rdml"
_CURVES = ("adp", "mdp")
"""Amplification and melting curves: nearly the whole file, of which only the last cycle is asked for."""
_OF_CURVES = ("tmp", "fluor")
_UUID = r"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?"
_IS_UUID = re.compile(_UUID, re.IGNORECASE)
_AT_UUID = re.compile(rf"@{_UUID}\Z", re.IGNORECASE)
_TASKS = {
    "unkn": Task.UNKNOWN,
    "std": Task.STANDARD,
    "ntc": Task.NTC,
    "nac": Task.NEGATIVE_CONTROL,  # no amplification control
    "nrt": Task.NEGATIVE_CONTROL,  # minus reverse transcription
    "ntp": Task.NEGATIVE_CONTROL,  # no target present
    "pos": Task.POSITIVE_CONTROL,
}
"""Sample types; an optical calibrator (opt) is none of the five."""
_PARTITION_COUNTS = ((ReadingKind.PARTITIONS_POSITIVE, "pos"), (ReadingKind.PARTITIONS_NEGATIVE, "neg"))
_READ = {
    "rdml": {"dateMade", "dateUpdated", "dye", "sample", "target", "experiment", "thermalCyclingConditions"},
    "run": {"instrument", "dataCollectionSoftware", "thermalCyclingConditions", "pcrFormat", "runDate", "react"}
    | {"backgroundDeterminationMethod", "cqDetectionMethod", "description"},
    "react": {"sample", "data", "partitions"},
    "data": {"tar", "cq", "excl", "quantity", "pos", "neg", "conc", "excluded"},
}
"""What is asked for, or is no more than the file's own book-keeping, by the element it stands in."""
_MOST_NAMED = 8
_PROPERTIES = ("cqDetectionMethod", "backgroundDeterminationMethod")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quantity:
    value: str
    unit: str | None


@dataclass(slots=True, kw_only=True)
class _Sample:
    """One sample as the file declares it; type and quantity may hold for one target only (None: for all)."""

    name: str | None
    tasks: dict[str | None, Task | None] = field(default_factory=dict)
    quantities: dict[str | None, _Quantity] = field(default_factory=dict)

    def task(self, target: str) -> Task | None:
        return self.tasks[target] if target in self.tasks else self.tasks.get(None)

    def quantity(self, target: str) -> _Quantity | None:
        return self.quantities.get(target) or self.quantities.get(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run, with what its reactions are asked by."""

    element: Element
    path: str
    plate: Plate
    repeats: int | None
    """The longest loop of its thermal program; programs count the first pass with it or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Well:
    """One reaction and target: what all its readings share."""

    well: str | None
    sample: _Sample
    target_id: str
    target: str | None
    place: Place
    is_omitted: bool

    def reading(
        self, kind: ReadingKind, value: float | None, raw: str, unit: str | None, qualifier: Qualifier | None = None
    ) -> Reading:
        task = self.sample.task(self.target_id)
        name = self.sample.name
        return Reading(
            kind, self.place, value, raw, self.well, name, self.target, task, unit, qualifier, self.is_omitted
        )


def claims(source: Source) -> bool:
    """An <rdml> element at the top, in the file itself or in the archive's one XML file of data."""
    return source.root_name == _ROOT


def read(source: Source, options: ReadOptions) -> FileReading:
    """Read every run of the file. Raises UserError: I002 damaged, I003 undecidable, I020 no results in it."""
    root = parse("\n".join(source.markup.lines), leave_out=_OF_CURVES, only_last=_CURVES)
    numbers = decide_numbers(_numeric_texts(root), options.decimal_mark)
    reader = _Reader(root, numbers, set_aside(source))
    for run in reader.runs:
        reader.read_run(run)
    kinds = {each.kind for each in reader.readings}
    if not kinds:
        raise UserError("I020", part="Every Cq and every count of partitions (the file holds curves only)")
    if not kinds - {ReadingKind.QUANTITY_GIVEN}:
        consequence = "the file holds curves and the quantities given to samples, no results"
        reader.issues.append(Issue(code="I025", parameters={"part": "Every Cq", "consequence": consequence}))
    started = _started(reader.runs)
    unread = (*_unread(root, reader.runs), *_other_members(source))
    return file_reading(
        source,
        _FORMAT,
        readings=reader.readings,
        issues=(*reader.issues, *reader.several_runs(), *not_read(unread)),
        unread=unread,
        software=_one_of(reader.runs, _software),
        instrument=_one_of(reader.runs, lambda run: run.text_of("instrument")),
        run_started_at=started,
        run_name=_run_name(reader.runs),
        locale=locale_sentence(numbers, None, source.markup.encoding),
        properties=_properties(root, reader.runs),
    )


class _Reader:
    def __init__(self, root: Element, numbers: NumberFormat, aside: Mapping[WellKey, str]) -> None:
        self.readings: list[Reading] = []
        self.issues: list[Issue] = []
        self.runs = tuple(_runs(root))
        self._measured: dict[str | None, list[tuple[str, Place]]] = defaultdict(list)
        self._numbers = numbers
        self._aside = aside
        self._samples = _samples(root)
        self._has_cq = any(True for run in self.runs for each in run.element.below("cq") if each.text)

    def read_run(self, run: _Run) -> None:
        reacts = run.element.all("react")
        for index, react in enumerate(reacts, 1):
            path = run.path + _step("react", index, len(reacts))
            datas = react.all("data")
            for number, data in enumerate(datas, 1):
                self._read_data(run, react, data, path + _step("data", number, len(datas)))
            partitions = react.first("partitions")
            if partitions is not None:
                counted = partitions.all("data")
                for number, data in enumerate(counted, 1):
                    at = f"{path}/partitions{_step('data', number, len(counted))}"
                    well = self._well(run, react, data, at, data.text_of("excluded"))
                    self._read_partitions(run, well, data, partitions)

    def _read_data(self, run: _Run, react: Element, data: Element, path: str) -> None:
        well = self._well(run, react, data, path, data.text_of("excl"))
        if self._has_cq:
            self._read_cq(run, react, data, well)
        measured = data.first("quantity")
        if measured is not None:
            has_cq = not self._has_cq or self.readings[-1].value is not None
            self._read_quantity(well, ReadingKind.QUANTITY, _quantity(measured), has_cq=has_cq)
        given = well.sample.quantity(well.target_id)
        if given is not None:
            self._read_quantity(well, ReadingKind.QUANTITY_GIVEN, given)

    def _read_cq(self, run: _Run, react: Element, data: Element, well: _Well) -> None:
        raw = data.text_of("cq")
        number = self._numbers.parse(raw)
        qualifier = None
        if number is not None and is_no_cq(number, partial(_last_cycle, data, run, number), lambda: self._has(data)):
            self.issues.append(Issue(code="Q101", place=well.place, parameters={"raw": raw}))
            number, qualifier = None, Qualifier.UNDETERMINED
        elif number is None:
            qualifier = Qualifier.UNDETERMINED if plain(raw) in NO_CQ else Qualifier.NOT_COMPUTED
            if raw and qualifier is Qualifier.NOT_COMPUTED:
                parameters = {"raw": raw, "what": "a quantification cycle"}
                self.issues.append(Issue(code="I016", place=well.place, parameters=parameters))
        said = self._aside.get((run.element.get("id") or "", react.get("id") or "", well.target_id))
        if number is not None and said is not None:
            self.issues.append(Issue(code="Q121", place=well.place, parameters={"cq": raw, "said": said}))
        self.readings.append(well.reading(ReadingKind.CQ, number, raw, None, qualifier))
        if qualifier is not Qualifier.NOT_COMPUTED:
            self._measured[well.target].append((run.path, well.place))

    def _has(self, data: Element) -> bool:
        """Whether a quantity was computed from the Cq."""
        quantity = data.first("quantity")
        return quantity is not None and bool(self._numbers.parse(quantity.text_of("value")))

    def _read_quantity(self, well: _Well, kind: ReadingKind, quantity: _Quantity, *, has_cq: bool = True) -> None:
        value = self._numbers.parse(quantity.value)
        qualifier = None
        if value is not None and (value < 0 or (value == 0 and not has_cq)):
            value, qualifier = None, Qualifier.NOT_COMPUTED
        elif value is None:
            qualifier = Qualifier.NOT_COMPUTED
            if plain(quantity.value) not in BLANK:
                parameters = {"raw": quantity.value, "what": "a quantity"}
                self.issues.append(Issue(code="I016", place=well.place, parameters=parameters))
        self.readings.append(well.reading(kind, value, quantity.value, quantity.unit, qualifier))

    def _read_partitions(self, run: _Run, well: _Well, data: Element, partitions: Element) -> None:
        counts: list[float] = []
        for kind, name in _PARTITION_COUNTS:
            raw = data.text_of(name)
            count = self._numbers.parse(raw)
            qualifier = None
            if count is not None and count >= 0:
                counts.append(count)
            else:
                count, qualifier = None, Qualifier.NOT_COMPUTED
            self.readings.append(well.reading(kind, count, raw, None, qualifier))
        raw = data.text_of("conc")
        concentration = well.reading(ReadingKind.CONCENTRATION, self._numbers.parse(raw), raw, COPIES_PER_UL)
        if concentration.value is None or float(concentration.value) < 0:
            concentration = concentration._replace(value=None, qualifier=Qualifier.NOT_COMPUTED)
        if len(counts) == len(_PARTITION_COUNTS):
            positive, negative = counts
            printed = " + ".join(data.text_of(name) for _, name in _PARTITION_COUNTS)
            valid = positive + negative
            self.readings.append(well.reading(ReadingKind.PARTITIONS_VALID, valid, printed, None))
            if negative == 0 < positive:
                # Every partition is positive: what is printed is a placeholder for "more than can be counted".
                self.issues.append(Issue(code="D202", place=well.place))
                concentration = concentration._replace(value=None, qualifier=Qualifier.SATURATED)
            volume_nl = self._numbers.parse(partitions.text_of("volume"))
            if volume_nl is not None and volume_nl > 0 and negative > 0:
                self.issues += concentration_issues(concentration, -math.log(negative / valid), volume_nl)
        self.readings.append(concentration)
        self._measured[well.target].append((run.path, well.place))

    def several_runs(self) -> Iterator[Issue]:
        """Q120 at each well of a target measured in more than one run: its wells are no replicates of each other."""
        for target, measured in self._measured.items():
            runs = len({path for path, _ in measured})
            if runs > 1:
                for _, place in measured:
                    yield Issue(code="Q120", place=place, parameters={"target": target or "The target", "runs": runs})

    def _well(self, run: _Run, react: Element, data: Element, path: str, exclusion: str) -> _Well:
        place = Place(row=data.line, element=path)
        if exclusion:
            self.issues.append(Issue(code="Q106", place=place))
        sample_id, target_id = _reference(react.first("sample")), _reference(data.first("tar"))
        sample = self._samples.get(sample_id)
        return _Well(
            well=run.plate.well(react.get("id") or ""),
            sample=sample or _Sample(name=None if _IS_UUID.fullmatch(sample_id) else sample_id or None),
            target_id=target_id,
            target=_AT_UUID.sub("", target_id) or None,
            place=place,
            is_omitted=bool(exclusion),
        )


def _runs(root: Element) -> Iterator[_Run]:
    repeats = {each.get("id"): _repeats(each) for each in root.all("thermalCyclingConditions")}
    experiments = root.all("experiment")
    for number, experiment in enumerate(experiments, 1):
        runs = experiment.all("run")
        for index, run in enumerate(runs, 1):
            yield _Run(
                element=run,
                path=_ROOT + _step("experiment", number, len(experiments)) + _step("run", index, len(runs)),
                plate=plate_of(run),
                repeats=repeats.get(_reference(run.first("thermalCyclingConditions"))),
            )


def _samples(root: Element) -> dict[str, _Sample]:
    found: dict[str, _Sample] = {}
    for element in root.all("sample"):
        sample_id = (element.get("id") or "").strip()
        # Some programs number their samples by UUIDs and keep the name in the description.
        name = element.text_of("description") if _IS_UUID.fullmatch(sample_id) else sample_id
        # They also call a well nobody set up a control without target: it has no name.
        types = element.all("type") if name else []
        found[sample_id] = _Sample(
            name=name or None,
            tasks={each.get("targetId"): _TASKS.get(each.text.casefold()) for each in types},
            quantities={each.get("targetId"): _quantity(each) for each in element.all("quantity")},
        )
    return found


def _quantity(element: Element) -> _Quantity:
    return _Quantity(value=element.text_of("value"), unit=element.text_of("unit") or None)


def _reference(element: Element | None) -> str:
    """The id an element refers to: its attribute, or in early files its text."""
    return "" if element is None else (element.get("id") or element.text).strip()


def _step(name: str, index: int, count: int) -> str:
    return f"/{name}" if count == 1 else f"/{name}[{index}]"


def _repeats(program: Element) -> int | None:
    counts = [text for loop in program.below("loop") if (text := loop.text_of("repeat")).isascii() and text.isdigit()]
    return max((int(text) for text in counts if len(text) < 5), default=None)


def _last_cycle(data: Element, run: _Run, cq: float) -> int | None:
    """The last cycle of the reaction's own curve; failing that, of the run's program where the Cq lies beyond it."""
    curve = data.all("adp")
    last = NumberFormat().parse(curve[-1].text_of("cyc")) if curve else None
    if last is not None:
        return int(last)
    return run.repeats + 1 if run.repeats is not None and cq >= run.repeats + 1 else None


def _numeric_texts(root: Element) -> Iterator[tuple[str, Place | None]]:
    for element in root.below("cq", "value", "conc"):
        if "," in element.text or "." in element.text:
            yield element.text, Place(row=element.line)


def _started(runs: Sequence[_Run]) -> str | None:
    """When the run began; of several runs the first that says it, as long as all were on one day."""
    instants = [instant for run in runs if (instant := iso_instant(run.element.text_of("runDate"), None)) is not None]
    return min(instants) if len({instant[:10] for instant in instants}) == 1 else None


def _software(run: Element) -> str:
    stated = run.first("dataCollectionSoftware")
    return "" if stated is None else f"{stated.text_of('name')} {stated.text_of('version')}".strip()


def _one_of(runs: Sequence[_Run], ask: Callable[[Element], str]) -> str | None:
    """What the runs say of their instrument or software, each answer once."""
    said = dict.fromkeys(unescape(text) for run in runs if (text := ask(run.element)))
    return ", ".join(said) or None


def _run_name(runs: Sequence[_Run]) -> str | None:
    names = [run.element.get("id") or "" for run in runs]
    return names[0] if len(names) == 1 and names[0] and not _IS_UUID.fullmatch(names[0]) else None


def _properties(root: Element, runs: Sequence[_Run]) -> dict[str, str]:
    said = {name: _one_of(runs, methodcaller("text_of", name)) for name in _PROPERTIES}
    said["RDML version"] = root.get("version")
    if len(runs) > 1:
        said["Runs"] = str(len(runs))
    return {name: text for name, text in said.items() if text}


def _unread(root: Element, runs: Sequence[_Run]) -> tuple[str, ...]:
    """Names of the elements nobody asked for, each once."""
    levels = [
        ("rdml", [root]),
        ("run", [run.element for run in runs]),
        ("react", reacts := [react for run in runs for react in run.element.all("react")]),
        ("data", [data for react in reacts for data in react.below("data")]),
    ]
    left = dict.fromkeys(
        child.name
        for level, elements in levels
        for element in elements
        for child in element.children
        if child.name not in _READ[level]
    )
    if any(target.first("amplificationEfficiency") for target in root.all("target")):
        left["target/amplificationEfficiency"] = None
    return tuple(f"<{name}>" for name in left)


def _other_members(source: Source) -> tuple[str, ...]:
    if source.container is not Container.ZIP:
        return ()
    xml = [name for name in source.members if name.lower().endswith(".xml")]
    read_from = next((name for name in xml if name.lower() == "rdml_data.xml"), xml[0])
    others = [name for name in source.members if name != read_from]
    return tuple(others[:_MOST_NAMED]) + ((f"{len(others) - _MOST_NAMED} more files",) if others[_MOST_NAMED:] else ())
