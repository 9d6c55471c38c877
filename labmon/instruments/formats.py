"""The formats labmon reads: a table of dotted names. Importing it imports no reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from types import MappingProxyType
from typing import cast

from labmon.domain.issue import Issue
from labmon.domain.reading import ClinicalRow, FileReading, Reading
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Source


class Medium(StrEnum):
    """What a format is written in."""

    TEXT = "text"
    WORKBOOK = "workbook"
    XML = "xml"
    JSON = "json"
    ARCHIVE = "archive"
    """A zip archive that is no workbook."""
    EVENTS = "events"
    """Flow Cytometry Standard: events, not a table of results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One export, with the dotted names of the function that claims a file and of the one that reads it."""

    id: str
    title: str
    media: tuple[Medium, ...]
    extensions: tuple[str, ...]
    """The extensions files of this format usually have; another one is worth a warning, never a decision."""
    claimed_by: str
    read_by: str
    names_its_sheet: bool = False
    """Whether a workbook of this format is known by the name of a sheet, and not by a table on whatever comes first."""
    reader_version: int = 1

    def claims(self, source: Source) -> bool:
        """Whether the file's content is of this format."""
        return cast(Callable[[Source], bool], _load(self.claimed_by))(source)

    def read(self, source: Source, options: ReadOptions) -> FileReading:
        """Read the file. Raises UserError."""
        return cast(Callable[[Source, ReadOptions], FileReading], _load(self.read_by))(source, options)


def _load(dotted_name: str) -> object:
    module, _, name = dotted_name.partition(":")
    return getattr(import_module(module), name)


_READERS = "labmon.instruments.readers"
_WORKBOOKS = (".xlsx", ".xls", ".ods")
"""What spreadsheet programs save a workbook as."""
_TABLES = (".csv", ".txt", ".tsv", *_WORKBOOKS)

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.id: each
        for each in (
            # --- real-time PCR --------------------------------------------------------------------------------------
            Format(
                id="quantstudio_text",
                title="QuantStudio / ViiA 7 text export",
                media=(Medium.TEXT,),
                extensions=(".txt", ".csv", ".tsv"),
                claimed_by=f"{_READERS}.quantstudio_text:claims",
                read_by=f"{_READERS}.quantstudio_text:read",
            ),
            Format(
                id="quantstudio_workbook",
                title="QuantStudio / ViiA 7 workbook",
                media=(Medium.WORKBOOK,),
                extensions=_WORKBOOKS,
                claimed_by=f"{_READERS}.quantstudio_workbook:claims",
                read_by=f"{_READERS}.quantstudio_workbook:read",
                names_its_sheet=True,
            ),
            Format(
                id="design_analysis",
                title="Design & Analysis / Diomni results",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.design_analysis:claims",
                read_by=f"{_READERS}.design_analysis:read",
                names_its_sheet=True,
            ),
            Format(
                id="lightcycler",
                title="LightCycler 480 / LightCycler 96 table",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.lightcycler:claims",
                read_by=f"{_READERS}.lightcycler:read",
            ),
            Format(
                id="rotorgene",
                title="Rotor-Gene analysed data export",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.rotorgene:claims",
                read_by=f"{_READERS}.rotorgene:read",
            ),
            Format(
                id="rotorgene_run",
                title="Rotor-Gene run file",
                media=(Medium.XML,),
                extensions=(".rex",),
                claimed_by=f"{_READERS}.rotorgene_run:claims",
                read_by=f"{_READERS}.rotorgene_run:read",
            ),
            Format(
                id="rdml",
                title="RDML (real-time PCR data markup language)",
                media=(Medium.ARCHIVE, Medium.XML),
                extensions=(".rdml", ".rdm", ".lc96p", ".xml", ".zip"),
                claimed_by=f"{_READERS}.rdml:claims",
                read_by=f"{_READERS}.rdml:read",
            ),
            Format(
                id="sds",
                title="SDS results (7900HT, 7300, 7500)",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.sds:claims",
                read_by=f"{_READERS}.sds:read",
            ),
            Format(
                id="cfx",
                title="Bio-Rad CFX results",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.cfx:claims",
                read_by=f"{_READERS}.cfx:read",
            ),
            # --- digital PCR ----------------------------------------------------------------------------------------
            Format(
                id="quantasoft",
                title="QuantaSoft droplet digital PCR",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.quantasoft:claims",
                read_by=f"{_READERS}.quantasoft:read",
            ),
            Format(
                id="qx_manager",
                title="QX Manager droplet digital PCR",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.qx_manager:claims",
                read_by=f"{_READERS}.qx_manager:read",
            ),
            Format(
                id="qiacuity",
                title="QIAcuity digital PCR",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.qiacuity:claims",
                read_by=f"{_READERS}.qiacuity:read",
            ),
            Format(
                id="absolute_q",
                title="Absolute Q digital PCR",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.absolute_q:claims",
                read_by=f"{_READERS}.absolute_q:read",
            ),
            # --- flow cytometry -------------------------------------------------------------------------------------
            Format(
                id="flowjo_table",
                title="FlowJo table export",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.flowjo_table:claims",
                read_by=f"{_READERS}.flowjo_table:read",
            ),
            Format(
                id="flowjo_workspace",
                title="FlowJo workspace",
                media=(Medium.XML,),
                extensions=(".wsp", ".xml"),
                claimed_by=f"{_READERS}.flowjo_workspace:claims",
                read_by=f"{_READERS}.flowjo_workspace:read",
            ),
            Format(
                id="facsdiva_experiment",
                title="FACSDiva experiment",
                media=(Medium.XML,),
                extensions=(".xml",),
                claimed_by=f"{_READERS}.facsdiva_experiment:claims",
                read_by=f"{_READERS}.facsdiva_experiment:read",
            ),
            Format(
                id="fcs",
                title="FCS event file",
                media=(Medium.EVENTS,),
                extensions=(".fcs", ".lmd"),
                claimed_by=f"{_READERS}.fcs:claims",
                read_by=f"{_READERS}.fcs:read",
            ),
            # --- MRD ------------------------------------------------------------------------------------------------
            Format(
                id="airr",
                title="AIRR rearrangements",
                media=(Medium.TEXT,),
                extensions=(".tsv", ".txt", ".csv"),
                claimed_by=f"{_READERS}.airr:claims",
                read_by=f"{_READERS}.airr:read",
            ),
            Format(
                id="immunoseq",
                title="immunoSEQ rearrangements",
                media=(Medium.TEXT,),
                extensions=(".tsv", ".txt", ".csv"),
                claimed_by=f"{_READERS}.immunoseq:claims",
                read_by=f"{_READERS}.immunoseq:read",
            ),
            Format(
                id="immunarch",
                title="immunarch clonotypes",
                media=(Medium.TEXT,),
                extensions=(".tsv", ".txt", ".csv"),
                claimed_by=f"{_READERS}.immunarch:claims",
                read_by=f"{_READERS}.immunarch:read",
            ),
            Format(
                id="vidjil",
                title="Vidjil clones",
                media=(Medium.JSON,),
                extensions=(".vidjil", ".json"),
                claimed_by=f"{_READERS}.vidjil:claims",
                read_by=f"{_READERS}.vidjil:read",
            ),
            Format(
                id="mrd_table",
                title="table of MRD results",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.mrd_table:claims",
                read_by=f"{_READERS}.mrd_table:read",
            ),
            # --- DNA and cells --------------------------------------------------------------------------------------
            Format(
                id="qubit",
                title="Qubit concentrations",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.qubit:claims",
                read_by=f"{_READERS}.qubit:read",
            ),
            Format(
                id="nanodrop",
                title="NanoDrop concentrations",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.nanodrop:claims",
                read_by=f"{_READERS}.nanodrop:read",
            ),
            Format(
                id="vicell",
                title="Vi-CELL cell counts",
                media=(Medium.TEXT, Medium.WORKBOOK),
                extensions=_TABLES,
                claimed_by=f"{_READERS}.vicell:claims",
                read_by=f"{_READERS}.vicell:read",
            ),
            Format(
                id="nucleoview",
                title="NucleoCounter cell counts",
                media=(Medium.TEXT,),
                extensions=(".csv", ".txt", ".tsv"),
                claimed_by=f"{_READERS}.nucleoview:claims",
                read_by=f"{_READERS}.nucleoview:read",
            ),
            # --- labmon's own workbooks -----------------------------------------------------------------------------
            Format(
                id="mrd_template",
                title="labmon MRD workbook",
                media=(Medium.WORKBOOK,),
                extensions=_WORKBOOKS,
                claimed_by="labmon.instruments.templates:is_mrd_template",
                read_by=f"{_READERS}.mrd_template:read",
                names_its_sheet=True,
            ),
            Format(
                id="clinical_template",
                title="labmon clinical workbook",
                media=(Medium.WORKBOOK,),
                extensions=_WORKBOOKS,
                claimed_by="labmon.instruments.templates:is_clinical_template",
                read_by=f"{_READERS}.clinical_template:read",
                names_its_sheet=True,
            ),
        )
    }
)


def file_reading(
    source: Source,
    format_id: str,
    *,
    readings: Sequence[Reading] = (),
    clinical_rows: Sequence[ClinicalRow] = (),
    issues: Sequence[Issue] = (),
    unread: Sequence[str] = (),
    headings: Sequence[str] = (),
    software: str | None = None,
    instrument: str | None = None,
    run_started_at: str | None = None,
    run_name: str | None = None,
    locale: str = "decimal point",
    properties: Mapping[str, str] | None = None,
) -> FileReading:
    """What a reader hands back, with the identity of the file and of the format filled in."""
    read_as = FORMATS[format_id]
    return FileReading(
        file_name=source.name,
        sha256=source.sha256,
        size_bytes=len(source.buffer),
        format_id=read_as.id,
        format_title=read_as.title,
        reader_version=read_as.reader_version,
        software=software,
        instrument=instrument,
        run_started_at=run_started_at,
        run_name=run_name,
        readings=tuple(readings),
        clinical_rows=tuple(clinical_rows),
        issues=tuple(issues),
        unread=tuple(unread),
        headings=tuple(headings),
        locale=locale,
        properties=dict(properties or {}),
    )
