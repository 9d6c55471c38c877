"""The experiment FACSDiva exports as XML: the events of every gate of every tube.

The events of a tube that was not open at the export are all 0: nothing was computed, which is not "no cells".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue, Place
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind
from labmon.instruments.formats import file_reading
from labmon.instruments.locale import NumberFormat, iso_instant
from labmon.instruments.markup import Element, parse
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source
from labmon.instruments.tables import not_read

_FORMAT = "facsdiva_experiment"
_NEVER_ASKED = ("worksheet_config", "worksheet", "region", "instrument_settings", "acquisition_template")
_VERSION = re.compile(r"[0-9][0-9.]*")
_NUMBERS = NumberFormat()
"""The file is written by a program for itself."""


def claims(source: Source) -> bool:
    """FACSDiva's own first element."""
    return source.root_name == "bdfacs"


def read(source: Source, _options: ReadOptions) -> FileReading:
    """The events of every gate. Raises UserError: I002 cut short, I018 unsafe, I020 no tube with gates."""
    root = parse("\n".join(source.markup.lines), leave_out=_NEVER_ASKED)
    readings: list[Reading] = []
    issues: list[Issue] = []
    starts: list[str] = []
    tubes = [(specimen, tube) for specimen in root.below("specimen") for tube in specimen.all("tube")]
    for specimen, tube in tubes:
        sample = "/".join(name for each in (specimen, tube) if (name := each.get("name"))) or None
        gates = [gate for wrapper in tube.all("gates") for gate in wrapper.all("gate")]
        found, problems = _gates(gates, sample or "")
        acquired = _acquired(tube, sample)
        readings += [*found, *acquired]
        issues += problems
        starts += [str(each.value) for each in acquired]
    if not readings:
        raise UserError("I020", part="Every tube with gates")
    version = _VERSION.search(root.get("version") or root.get("release_version") or "")
    instruments = [name for _, tube in tubes if (name := tube.text_of("data_instrument_name"))]
    unread = ["worksheets and instrument settings"]
    return file_reading(
        source,
        _FORMAT,
        readings=readings,
        issues=(*issues, *not_read(unread)),
        unread=unread,
        software=f"FACSDiva {version[0]}" if version else "FACSDiva",
        instrument=next(iter(instruments), None),
        run_started_at=min(starts, default=None),
        run_name=next((name for each in root.all("experiment") if (name := each.get("name"))), None),
    )


def _acquired(tube: Element, sample: str | None) -> list[Reading]:
    raw = tube.text_of("data_begin_date") or tube.text_of("date")
    acquired = iso_instant(raw, None)
    if acquired is None:
        return []
    return [
        Reading(
            kind=ReadingKind.ACQUIRED_AT,
            place=Place(row=tube.line, element=f"specimen/{sample}"),
            value=acquired,
            raw=raw,
            sample=sample,
        )
    ]


def _gates(gates: Sequence[Element], sample: str) -> tuple[list[Reading], list[Issue]]:
    counts = {_path(gate): _NUMBERS.parse(gate.text_of("num_events")) for gate in gates}
    roots = [gate for gate in gates if not gate.text_of("parent")]
    is_computed = any(counts[_path(gate)] for gate in roots)
    readings: list[Reading] = []
    issues: list[Issue] = []
    if gates and not is_computed:
        issues.append(Issue(code="F303", place=_place(gates[0], sample)))
    for gate in gates:
        path, raw, place = _path(gate), gate.text_of("num_events"), _place(gate, sample)
        count = counts[path]
        parent = gate.text_of("parent").replace("\\", "/")
        above = counts.get(parent)
        if is_computed and count is not None and above is not None and count > above:
            parameters = {"child": path, "child_count": f"{count:g}", "parent": parent, "parent_count": f"{above:g}"}
            issues.append(Issue(code="F307", place=place, parameters=parameters))
        if raw and count is None:
            issues.append(Issue(code="I016", place=place, parameters={"raw": raw, "what": "a count"}))
        readings.append(
            Reading(
                kind=ReadingKind.COUNT,
                place=place,
                value=count if is_computed else None,
                raw=raw,
                sample=sample or None,
                target=path,
                unit="events",
                qualifier=None if is_computed and count is not None else Qualifier.NOT_COMPUTED,
            )
        )
    return readings, issues


def _place(gate: Element, sample: str) -> Place:
    return Place(row=gate.line, element=f"specimen/{sample} gate {gate.get('fullname') or gate.text_of('name')}")


def _path(gate: Element) -> str:
    """The gate's whole name with / between its steps, as every other flow export writes it."""
    return (gate.get("fullname") or gate.text_of("name")).replace("\\", "/")
