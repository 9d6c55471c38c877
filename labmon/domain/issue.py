"""Problems with a permanent code: what they mean, how grave they are, and where in a file they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Severity(StrEnum):
    """What an issue does: it blocks the file, holds the value, or warns."""

    BLOCKS = "blocks"
    HOLDS = "holds"
    WARNS = "warns"


class Place(NamedTuple):
    """Where in a file something stands. `str(place)` is the locator: "Results!C45", "Results!R45", "line 12".

    A named tuple, like `Reading`: a plate has thousands, and a frozen dataclass takes four times as long to make.
    """

    sheet: str | None = None
    row: int | None = None
    """1-based row of the sheet, or line of the text."""
    column: int | None = None
    """1-based column."""
    heading: str | None = None
    """The words of the column's heading, when it has one."""
    element: str | None = None
    """Path of an element in a structured file (XML, JSON, workspace)."""

    def __str__(self) -> str:
        if self.sheet is not None:
            if self.row is None:
                return self.sheet
            return f"{self.sheet}!{column_letters(self.column) if self.column else 'R'}{self.row}"
        if self.element is not None:
            return self.element
        if self.row is not None:
            return f"line {self.row}" + (f", column {self.column}" if self.column else "")
        return "the file"


def column_letters(column: int) -> str:
    """The letters of a 1-based spreadsheet column: 1 -> A, 27 -> AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One permanent code. `template` takes the issue's parameters; `advice` says what the person can do."""

    code: str
    severity: Severity
    meaning: str
    template: str
    advice: str

    def sentence(self, parameters: Mapping[str, object]) -> str:
        """The sentence for these parameters; a parameter the issue does not carry reads "(not stated)"."""
        text = self.template.format_map(_Stated(parameters))
        return text if text.endswith((".", "?", "!")) else f"{text}."


class _Stated(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "(not stated)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One occurrence of a catalogued problem at a place."""

    code: str
    place: Place | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        catalogue_entry(self.code)
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.code, self.place, dict(self.parameters))

    @property
    def severity(self) -> Severity:
        return catalogue_entry(self.code).severity

    @property
    def message(self) -> str:
        return catalogue_entry(self.code).sentence(self.parameters)

    @property
    def advice(self) -> str:
        return catalogue_entry(self.code).advice


def _rebuild(code: str, place: Place | None, parameters: dict[str, object]) -> Issue:
    return Issue(code=code, place=place, parameters=parameters)


def catalogue_entry(code: str) -> CatalogueEntry:
    """The entry of a code. Raises KeyError for a code that was never given out."""
    return CATALOGUE[code]


_ROW = re.compile(
    r"^(?P<code>[A-Z]\d{3}) (?P<severity>[BHW]) (?P<meaning>[^|]+)\|(?P<template>[^|]+)\|(?P<advice>[^|]+)$"
)
_SEVERITY = {"B": Severity.BLOCKS, "H": Severity.HOLDS, "W": Severity.WARNS}


def _entry(line: str) -> CatalogueEntry:
    match = _ROW.match(line)
    if match is None:
        raise ValueError(f"not a catalogue row: {line!r}")
    return CatalogueEntry(
        code=match["code"],
        severity=_SEVERITY[match["severity"]],
        meaning=match["meaning"].strip(),
        template=match["template"].strip(),
        advice=match["advice"].strip(),
    )


# One row a code: code, severity (B blocks the file, H holds the value, W warns), meaning | sentence | what to do.
# A code is never reused and never changes its meaning. I, Q, D, F, M: reading (instruments); C: clinical facts;
# A: making results; K: timeline; T: a patient's course in the trial; P: protocol files; R: records. docs/issue-codes.md is generated from here.
_ROWS = """
I001 B format not recognised | No format labmon knows claims this file: {detail}. | Export the results as one of the formats in the manual, or check that the right file was chosen.
I002 B truncated or corrupt | The file is damaged or cut short: {detail}. | Export it again from the instrument's software; nothing of it was kept.
I003 H number or date order undecidable | {detail} | Say which it is: --decimal-mark and --date-order on the command line, the question in the import page.
I004 W columns not read, or another heading than before | Not read: {columns}. | Check that nothing you need stands there.
I005 W same content imported before | The same content was imported on {imported_at}. | Nothing to do; importing it again changes nothing.
I006 H unit missing or differs from the assay definition | The unit of {what} is {unit}; the assay definition says {expected}. | Correct the export or choose the assay that uses this unit.
I007 H sample identity absent or ambiguous | {detail} | Map the sample to a specimen.
I008 B run time absent and not entered | The file does not say when the run was started. | Enter the date of the run.
I009 W homoglyph or damaged character repaired | "{raw}" was read as "{repaired}". | Nothing to do; the original text is kept.
I010 B password-protected | The file is protected by a password. | Save it without a password and choose it again.
I011 B file cannot be opened | The file could not be opened: {detail}. | Close it in other programs, check the network share, and try again.
I012 B larger than labmon reads | {detail} | Export only the results, or split the file.
I013 B reading was stopped | Reading was stopped: {detail}. The window and the record were not touched. | Export the file again; if it happens again, send us its code.
I014 H outside the plausible range | {what} is {value}, outside the plausible range {low} to {high}. | Check the original; the value is kept as it stands, never clamped.
I015 B several formats claim the file | {formats} both claim this file. | Choose the format.
I016 H cell could not be read as a number | "{raw}" could not be read as {what}. The other readings are kept. | Look at the original row.
I017 W row skipped | {detail} | Check that the row is no result.
I018 B unsafe content refused | The file was refused before reading: {detail}. | Export it again from the instrument's software.
I019 W wrong file extension | The name ends in {extension}, the content is {format}. | Nothing to do; content decides.
I020 B expected part missing | {part} is missing. | Export the file with its results, or check that the right file was chosen.
I021 W declared and read counts differ | The file declares {declared} {what}; {read} were read. | Compare with the original.
I022 W the start of the run is not stated | The file states when the run ended ({ended}), not when it began; that day was taken, though the run may have begun the day before. | Check the date of the run.
I023 W last row may be cut short | The file does not end with a line break; its last row may have lost its end. | Look at the last row, or export the file again.
I024 H rows outside the table of results | {detail} | Look at the original; if these are results, export the file again.
I025 W usual column or sheet missing | {part} is missing: {consequence}. | Export it as well, or check that nothing you need is lost.
I026 W printed value disagrees with its parts | {what} is printed as {printed}; its parts give {computed}. | Look at the original.
I027 W headings differ from the last accepted file | Headings since {file}, accepted on {day}: {changes}. | Check what the columns mean now, before anything enters; accepting the file makes these headings the usual ones.
I117 H row belongs to nothing on record | {detail} | Map the sample to a specimen, or save the row with its reason.
I118 H target has no analyte | "{target}" is not mapped to an analyte. | Map the target once; labmon remembers it.
I204 H another value on record | On record for {specimen}, {analyte}: {recorded}. This file says {offered}. | Keep as repeat, replace, or reject this row.
I205 H same result twice in one file | {specimen}, {analyte} occurs more than once in this file. | Exclude one of them in the instrument's software, or reject one row.
Q101 H Cq sentinel read as no Cq | Cq {raw} was read as "no Cq". | Confirm the convention of this instrument.
Q102 W mean rests on fewer wells than plated | {detected} of {total} wells have a Cq. | The specimen counts as detected, below LLOQ.
Q103 H mean 0 beside a missing Cq | A mean of 0 stands beside a missing Cq. | The mean was not read.
Q104 H quantity disagrees with the curve | Quantity {printed} disagrees with {computed} from the curve. | Look at the curve of this run.
Q105 H run outside its limits | {check}: {observed}, limit {limit}. | The run is held; repeat it, or accept it with a reason.
Q106 W well omitted in the instrument software | The well was omitted in the instrument's software. | It is kept, excluded with the reason "omitted in the export".
Q107 H DNA mass or assay missing or not DNA | {detail} | Import the DNA concentration of this specimen; the value is made then.
Q108 H replicates disagree | Replicate CV {cv_pct} %, limit {limit_pct} %. | Repeat the specimen.
Q109 H DNA input below the assay's minimum | {gdna_ng} ng DNA per reaction, the assay asks {minimum_ng} ng. | Repeat with more DNA; absence of signal proves nothing here.
Q110 H curve constants of the file disagree with its standards | {what}: the file says {printed}, its standards give {computed}. | Look at the standards of this run.
Q111 W flag raised by the instrument software | The instrument's software raised {flag} for {wells}. | Look at the amplification curves of these wells.
Q112 W mean disagrees with its wells | Mean {printed} of {what} disagrees with {computed}, the mean of its {wells} wells in this file. | Check that no rows were removed or edited.
Q113 H DNA concentration disagrees with its dilution | The original sample is printed as {printed} ng/uL; tube concentration and dilution give {computed}. | Look at the dilution factor and the sample volume.
Q114 B export without Cq values | {what} holds no Cq values. | Export the Cq results from the instrument's software, or all of its data sheets.
Q115 W standard deviation disagrees with its wells | Standard deviation {printed} of {what} disagrees with {computed}, that of its {wells} wells in this file. | Check that no rows were removed or edited.
Q116 H one well measured twice for one target | The well was measured for {target} with {dyes}. | Give each dye a target of its own in the instrument's software, and export again.
Q120 H one target measured in several runs of one file | {target} was measured in {runs} runs of this file; each has standards and controls of its own. | Export each run by itself.
Q121 H Cq of a well the instrument software set aside | The file gives Cq {cq}, but the instrument's software {said}. | Look at the amplification curve of this well.
Q122 W remark of the instrument software | The instrument's software remarks "{remark}". | Look at the amplification curve of this well.
D201 W merged wells skipped | Merged wells repeat single wells. | Nothing to do.
D202 H saturated partition, above ULOQ | Every partition is positive. | Dilute and repeat.
D203 H no call or too few partitions | {detail} | Repeat the well.
D204 H dilution or template volume missing | Dilution or template volume is missing. | Enter it in the assay definition.
D206 W concentrations of another droplet volume | The concentrations imply droplets of {volume} nL; QX200 exports count with {usual} nL. | Check the droplet volume set in the instrument's software.
D205 H concentration disagrees with partitions | Concentration {printed} disagrees with {computed} from the partitions. | Look at the well.
F301 B DATA segment ambiguous | {detail} | Export the file again.
F302 W two data sets | {detail} | Check which data set you need.
F303 H count not computed | The count was not computed when the file was saved. | Open the sample in the software and export again.
F304 H percent without denominator count | {what} is a percentage without its counts. | Export the counts as well.
F305 W footer row skipped | The row "{row}" is no sample. | Nothing to do.
F306 H count in scientific notation | "{raw}" has lost digits and is refused as a count. | Export counts as whole numbers.
F307 H child exceeds parent | {child} holds {child_count} events, its parent {parent} {parent_count}. | Look at the gating.
F308 W FlowJo version differs from this patient's series | FlowJo {version}; earlier files: {earlier}. | Compare the gating.
F309 H specimen older than the assay's limit | The specimen was {age_h} h old; the assay allows {limit_h} h. | Ask for a fresh specimen.
F310 H bead lot value missing | Beads without the count of their lot. | Enter the lot's bead count.
F311 H too few events | {events} events, {needed} needed to {purpose}. | Acquire more events.
F312 H formula column disagrees with counts and beads | {what}: the file says {printed}, its counts give {computed}. | Look at the counts and the formula in the export.
F313 W age of the specimen unknown | The file does not say when the sample was measured, so the specimen's age is not known. | Export the keyword $DATE with the table, or state the day: --run-date on the command line.
F324 W event file: no result is made of it | {events} events of {parameters} parameters. labmon gates nothing, so an event file alone gives no result. | Gate it in the cytometry software and import the counts: a FlowJo workspace or table, a FACSDiva experiment.
F325 W place of the events in doubt | {detail} | Compare the number of events and the first of them with the cytometry software.
M401 H MRD without sensitivity or cell number | Neither the sensitivity nor the number of cells is given. | Add the number of cells acquired.
M402 W method or denominator differs from series | {detail} | Methods are compared, never averaged.
M403 H CD19 gating used after CD19-directed therapy | B cells were gated on CD19 after CD19-directed therapy. | Ask for gating without CD19.
M404 W count of templates or of reads | "{what}" counts templates or reads, by the kit; it was taken as templates. | Look up how this kit counts.
A401 W no assay definition for this file | No assay definition speaks about {format}: no result is made of it. | Add an assay definition if results should come of such files.
A402 H reference gene outside its limit | Reference gene: {observed}, limit {limit}. | Repeat the extraction; absence of signal proves nothing here.
C501 H required cell empty | {field} is empty. | Fill it in and import the workbook again; the other rows are kept.
C502 H cell not understood | "{raw}" is not {expected}. | Correct the cell.
C503 H patient or specimen not on record | {what} "{code}" is neither on record nor in this workbook. | Add it first.
C504 H dates contradict each other | {detail} | Correct the date that is wrong.
C505 H another fact on record | On record: {recorded}. This row says {offered}. | Decide which is right.
C506 H same fact twice | The row repeats row {row}. | Remove one of them.
C507 H date in the future | {field} {value} lies in the future. | Correct the date.
C508 H rows contradict each other | Row {row} says {other}; this row says {offered}. | Correct or remove one of them and import the workbook again.
K601 W no infusion on record | No CAR-T infusion of {patient} is on record; days cannot be counted. | Add the infusion.
K602 H duplicate sample times | Two results of {analyte} on day {day}. | Exclude one of them with a reason.
K603 W units mixed in one series | {detail} | Series of different units are never joined.
K604 H limits of one run contradict each other | Run {run} gives {analyte} the LLOQs {limits} for the same DNA input. | Correct the limits of the run; until then nothing is computed from this series.
K605 W quantified on or before the day of infusion | {what} is quantified on day {day}, {when}. | Check the dates of the collection and of the infusion.
K606 W samples before the infusion | {what} holds {count} before day 0: {days}. They are no part of the parameters. | Check the days if the profile should begin with them.
K607 H value contradicts its own limit | {what} on day {day} is quantified at {value}, outside its own limits: {limit}. | Correct the value or its limits; until then nothing is computed from this series.
K608 B priors of the model-assisted curve cannot be used | {detail} | Correct the file under resources/kinetics.
K609 B table of profiles cannot be read whole | {detail} | Correct the table; nothing was computed, since a profile without one of its rows would give other numbers.
K610 W value contradicts its own state | {what} on day {day} is called {state} and carries {value}, not below its LLOQ {limit}. The state is what is read. | Check the value, its state and the limit.
T651 W relapse before any remission | {what} stands on record, and no remission before it. | Add the assessment that found the remission, or correct the relapse.
T652 H something after death | {what} is dated after the death on {death}. | Correct the date that is wrong; no response is read after a death.
T653 H date in the future | {what} lies in the future. | Correct the date.
T654 W infusion missing | {what} is on record, and no CAR-T infusion before it. | Add the infusion it follows.
P701 B protocol file cannot be used | {detail} | Correct the protocol file.
P702 B assay definition cannot be used | {detail} | Correct the assay definition.
P704 B protocol changed without a new version | {protocol} version {version} was used here with other content than {origin} has now. | Raise the version in the changed file and adopt it: labmon protocol adopt FILE --reason "…".
P703 B response definitions cannot be used | {detail} | Correct the file in resources/response, or install labmon again.
P710 B number cannot be tried | {what} cannot be {value}: {expected} is asked. | Type another number; nothing is written by a trial.
R801 B records made by a newer labmon | The records have schema {found}, this labmon knows {known}. | Install the newer labmon; nothing was changed.
R802 B records in use by another program | The records are held by {owner}. | Close the other window and try again; nothing was written.
R803 B disk full | The disk is full or takes no more; nothing was written, the records are as they were. | Free some space, look at your quota, and try again.
R804 B folder cannot be written | {path} cannot be written. | Choose another folder or ask for the right to write.
R805 B records on a network or cloud folder | {path} lies on a network or synchronised folder, where SQLite can be damaged. | Move the records to a local disk.
R806 B records damaged | The records did not pass their check: {detail}. | Restore the last backup; nothing was changed.
R807 B no such record | {what} "{code}" is not on record. | Check the spelling.
R808 B act refused | {detail} | {help}
R809 B records do not exist | {path} holds no labmon records. | Create a study first, or open another file.
R810 B records made by an older labmon | The records have schema {found}, this labmon uses {known}. | They are backed up first, then brought up to date.
R811 B older records could not be backed up | The records have schema {found} and were not brought up to date: {detail}. | Nothing was changed; free some space beside them and open them again.
""".strip()


def _catalogue(rows: str) -> Mapping[str, CatalogueEntry]:
    entries = [_entry(row) for row in rows.splitlines()]
    catalogue = {entry.code: entry for entry in entries}
    if len(catalogue) < len(entries):
        raise ValueError("a code stands in the catalogue twice")
    return MappingProxyType(catalogue)


CATALOGUE = _catalogue(_ROWS)
