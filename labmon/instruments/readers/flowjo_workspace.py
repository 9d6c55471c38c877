"""The workspace FlowJo saves (.wsp, and the .xml of FlowJo for Mac 8 and 9): the counts it stored for every gate.

Counts are taken as stored and never recomputed. A stored -1 was never computed, nor was a 0 of a sample whose gates
hold events. Trees of groups are templates, no results.
"""

from __future__ import annotations

from collections.abc import Iterator

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import NumberFormat, decide_date_order, iso_instant
from labmon.instruments.markup import Element, parse
from labmon.instruments.options import DateOrder, ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import not_read

_FORMAT = "flowjo_workspace"
_GATES = ("Population", "AndNode", "OrNode", "NotNode")
_WRAPPERS = ("Subpopulations",)
_NEVER_ASKED = ("Graph", "Gate", "Transformations", "Cytometers", "Layouts", "LayoutEditor", "TableEditor", "Matrices")
"""How things are drawn and gated: most of the file, and no result."""
_NUMBERS = NumberFormat()
"""The file is written by a program for itself: a decimal point, whatever the person's language."""


def claims(source: Source) -> bool:
    """A Workspace element."""
    return source.root_name == "Workspace"


def read(source: Source, options: ReadOptions) -> FileReading:
    """Events, gate counts and statistics of every sample. Raises UserError: I002, I003, I018, I020 no sample."""
    root = parse("\n".join(source.markup.lines), leave_out=_NEVER_ASKED)
    if root.name != "Workspace":
        raise UserError("I020", part="The element Workspace")
    samples = [each for list_of in root.below("SampleList") for each in list_of.all("Sample")]
    if not samples:
        raise UserError("I020", part="Every sample of the workspace")
    keywords = [_keywords(sample) for sample in samples]
    order = decide_date_order(
        ((words["$date"], sample.place) for words, sample in zip(keywords, samples, strict=True) if "$date" in words),
        options.date_order,
    )
    readings: list[Reading] = []
    issues: list[Issue] = []
    starts: list[str] = []
    for sample, words in zip(samples, keywords, strict=True):
        found = _SampleReader(sample, words, order)
        readings += found.readings
        issues += found.issues
        starts += found.starts
    version = root.get("flowJoVersion") or ""
    unread = [f"{name} of the workspace" for name in ("Groups",) if root.first(name) is not None]
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        software=f"FlowJo {version}".strip(),
        instrument=next((cytometer for words in keywords if (cytometer := words.get("$cyt"))), None),
        run_started_at=min(starts, default=None),
        properties={"Modified": modified} if (modified := root.get("modDate")) else {},
    )


def _keywords(sample: Element) -> dict[str, str]:
    """The keywords of the sample's FCS file that say when and on what it was acquired."""
    return {
        (each.get("name") or "").strip().casefold(): (each.get("value") or "").strip()
        for wrapper in sample.all("Keywords")
        for each in wrapper.all("Keyword")
    }


class _SampleReader:
    """Reads the tree of one sample."""

    def __init__(self, sample: Element, keywords: dict[str, str], order: DateOrder | None) -> None:
        self.readings: list[Reading] = []
        self.issues: list[Issue] = []
        self.starts: list[str] = []
        self._sample: str | None = None
        for node in sample.all("SampleNode"):
            self._sample = _name(node)
            self._read_root(node)
            self._acquired(self._place(node, ""), keywords, order)

    def _place(self, node: Element, path: str) -> Place:
        """Line, and the gate by its names: a path of elements tells a person nothing."""
        return Place(row=node.line, element="/".join(filter(None, (f"SampleNode {self._sample or ''}", path))))

    def _acquired(self, place: Place, keywords: dict[str, str], order: DateOrder | None) -> None:
        raw = " ".join(keywords[name] for name in ("$date", "$btim") if keywords.get(name))
        acquired = iso_instant(raw, order) if keywords.get("$date") else None
        if acquired is not None:
            self.starts.append(acquired)
            self.readings.append(
                Reading(kind=ReadingKind.ACQUIRED_AT, place=place, value=acquired, raw=raw, sample=self._sample)
            )

    def _read_root(self, node: Element) -> None:
        holds_events = any((_count(gate) or 0) > 0 for gate in _gates_below(node))
        is_doubtful = holds_events and not _count(node)
        self._add_count(node, ReadingKind.EVENT_COUNT, "", is_doubtful=is_doubtful)
        self._statistics(node, "")
        self._gates(node, "", None if is_doubtful else _count(node))

    def _gates(self, node: Element, path: str, parent_count: float | None) -> None:
        for gate in _gates_of(node):
            below = f"{path}/{_name(gate) or ''}" if path else _name(gate) or ""
            count = _count(gate)
            self._add_count(gate, ReadingKind.COUNT, below)
            if count is not None and parent_count is not None and count > parent_count:
                parameters = {
                    "child": below,
                    "child_count": f"{count:g}",
                    "parent": path or "all events",
                    "parent_count": f"{parent_count:g}",
                }
                self.issues.append(Issue(code="F307", place=self._place(gate, below), parameters=parameters))
            self._statistics(gate, below)
            self._gates(gate, below, count)

    def _add_count(self, node: Element, kind: ReadingKind, path: str, *, is_doubtful: bool = False) -> None:
        raw, place = (node.get("count") or "").strip(), self._place(node, path)
        value = _NUMBERS.parse(raw)
        qualifier = None
        if raw and value is None:
            self.issues.append(Issue(code="I016", place=place, parameters={"raw": raw, "what": "a count"}))
        elif value is None or value < 0 or is_doubtful:
            value, qualifier = None, Qualifier.NOT_COMPUTED
            self.issues.append(Issue(code="F303", place=place))
        self.readings.append(
            Reading(
                kind=kind,
                place=place,
                value=value,
                raw=raw,
                sample=self._sample,
                target=path or None,
                unit="events",
                qualifier=qualifier,
            )
        )

    def _statistics(self, node: Element, path: str) -> None:
        for each in _children(node, ("Statistic",)):
            raw = (each.get("value") or "").strip()
            value = _NUMBERS.parse(raw)
            words = each.get("name") or each.get("statistic") or ""
            if each.get("id"):
                words += f" ({each.get('id')})"
            if each.get("ancestor"):
                words += f" of {each.get('ancestor')}"
            self.readings.append(
                Reading(
                    kind=ReadingKind.STATISTIC,
                    place=self._place(each, f"{path} | {words}".strip()),
                    value=value,
                    raw=raw,
                    sample=self._sample,
                    target=f"{path} | {words}".strip(),
                    qualifier=Qualifier.NOT_COMPUTED if value is None else None,
                )
            )


def _name(node: Element) -> str | None:
    return node.get("name") or node.get("nodeName") or None


def _count(node: Element) -> float | None:
    """The stored count; None when none was computed."""
    value = _NUMBERS.parse((node.get("count") or "").strip())
    return None if value is None or value < 0 else value


def _children(node: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """The children of these names, within the wrapper that newer versions put around them or without it."""
    for child in node.children:
        if child.name in names:
            yield child
        elif child.name in _WRAPPERS:
            yield from child.all(*names)


def _gates_of(node: Element) -> Iterator[Element]:
    return _children(node, _GATES)


def _gates_below(node: Element) -> Iterator[Element]:
    return node.below(*_GATES)
