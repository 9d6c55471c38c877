"""The JSON file of clones that Vidjil and programs of its format write (.vidjil)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import not_read

_PER_SAMPLE = ((ReadingKind.READS_TOTAL, "total"), (ReadingKind.READS_SEGMENTED, "segmented"))
_PER_CLONE = (
    (ReadingKind.READS, ("reads",), "reads"),
    (ReadingKind.NORMALIZED_READS, ("normalized_reads",), "reads"),
    (ReadingKind.COPY_NUMBER, ("mrd", "copy_number"), "copies"),
)
_ID = re.compile(r'"(?:id|window)"\s*:\s*"([^"\\]+)"')
_DESCRIBES = frozenset({"vidjil_json_version", "producer", "timestamp", "samples", "reads", "clones"})


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    samples: tuple[str, ...]
    readings: list[Reading] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def take(self, kind: ReadingKind, values: object, place: Place, unit: str, target: str | None = None) -> None:
        """One value a sample, in the samples' order; null is no value."""
        if values is None:
            return
        if not isinstance(values, list):
            raise UserError("I002", place=place, detail=f"{place.element} is no list with a number for each sample")
        if len(values) != len(self.samples):
            parameters = {"declared": len(self.samples), "read": len(values), "what": f"samples for {place.element}"}
            self.issues.append(Issue(code="I021", place=place, parameters=parameters))
        for number, (sample, value) in enumerate(zip(self.samples, values, strict=False)):
            at = place._replace(element=f"{place.element}[{number}]")
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                parameters = {"raw": str(value), "what": f"a number of {kind.replace('_', ' ')}"}
                self.issues.append(Issue(code="I016", place=at, parameters=parameters))
                continue
            self.readings.append(
                Reading(
                    kind=kind, place=at, value=float(value), raw=str(value), sample=sample, target=target, unit=unit
                )
            )


def claims(source: Source) -> bool:
    """The format's own version mark, or clones beside the statistics of reads."""
    top = source.json
    return isinstance(top, dict) and ("vidjil_json_version" in top or {"clones", "reads", "samples"} <= top.keys())


def read(source: Source, _options: ReadOptions) -> FileReading:
    """Reads of each sample and of each clone in it. Raises UserError: I002, I020 for a file without reads."""
    top = source.json
    reads = _mapping(top, "reads")
    if not reads:
        raise UserError("I020", part='"reads", the numbers of reads of each sample')
    found = _Found(samples=_sample_names(_mapping(top, "samples"), reads))
    for kind, name in _PER_SAMPLE:
        found.take(kind, reads.get(name), Place(element=f"reads.{name}"), "reads")
    clones = top.get("clones") if isinstance(top, dict) else None
    unread: dict[str, None] = {}
    for number, (line, clone) in enumerate(_with_lines(clones, source)):
        target = _clone_id(clone) or None
        for kind, path, unit in _PER_CLONE:
            values: object = clone
            for step in path:
                values = values.get(step) if isinstance(values, dict) else None
            found.take(kind, values, Place(row=line, element=f"clones[{number}].{'.'.join(path)}"), unit, target)
        unread.update((f"clones[].{name}", None) for name in clone if name not in ("id", "window", "reads"))
    if isinstance(top, dict):
        unread.update((name, None) for name in top if name not in _DESCRIBES)
        unread.update((f"reads.{name}", None) for name in reads if name not in ("total", "segmented"))
    left = tuple(name for name in unread if name not in ("clones[].normalized_reads", "clones[].mrd"))
    return file_reading(
        source,
        "vidjil",
        readings=found.readings,
        issues=(*found.issues, *not_read(left)),
        unread=left,
        software=_text(top, "producer"),
        properties={name: text for name in ("vidjil_json_version", "timestamp") if (text := _text(top, name))},
    )


def _sample_names(samples: Mapping[str, object], reads: Mapping[str, object]) -> tuple[str, ...]:
    """The names as they were given to the program; a sample without one is known by its number, from 1."""
    total = reads.get("total")
    number = samples.get("number")
    count = number if isinstance(number, int) else len(total) if isinstance(total, list) else 0
    if not 0 < count <= 10_000:
        raise UserError("I002", detail=f"it declares {count} samples")
    names = samples.get("original_names")
    listed = names if isinstance(names, list) else []
    return tuple(
        listed[index] if index < len(listed) and isinstance(listed[index], str) and listed[index] else str(index + 1)
        for index in range(count)
    )


def _with_lines(clones: object, source: Source) -> Iterator[tuple[int | None, Mapping[str, object]]]:
    """Each clone with the line its id stands on."""
    lines: dict[str, int] = {}
    for number, line in enumerate(source.text.lines, 1):
        for found in _ID.finditer(line):
            lines.setdefault(found[1], number)
    for clone in clones if isinstance(clones, list) else []:
        if not isinstance(clone, dict):
            raise UserError("I002", detail="one of its clones is none")
        yield lines.get(_clone_id(clone)), clone


def _clone_id(clone: Mapping[str, object]) -> str:
    """The clone's identifier; the first versions of the format called it a window."""
    return str(clone.get("id", clone.get("window", "")))


def _mapping(top: object, name: str) -> Mapping[str, object]:
    value = top.get(name) if isinstance(top, dict) else None
    return value if isinstance(value, dict) else {}


def _text(top: object, name: str) -> str | None:
    value = top.get(name) if isinstance(top, dict) else None
    return value if isinstance(value, str) and value else None
