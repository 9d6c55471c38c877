"""A demo run as QuantStudio software exports it: tab-separated text, or the same tables as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import fmean, stdev

from labmon.demo.chance import Chance
from labmon.demo.clock import twelve_hours
from labmon.demo.qpcr import REFERENCE, TRANSGENE, PcrRun, Well
from labmon.reports.reproducible import workbook_bytes

Cell = str | float | bool | None

_RESULTS = (
    "Well",
    "Well Position",
    "Omit",
    "Sample Name",
    "Target Name",
    "Task",
    "Reporter",
    "Quencher",
    "CT",
    "Ct Mean",
    "Ct SD",
    "Quantity",
    "Quantity Mean",
    "Quantity SD",
    "Automatic Ct Threshold",
    "Ct Threshold",
    "Automatic Baseline",
    "Baseline Start",
    "Baseline End",
    "Comments",
    "Y-Intercept",
    "R(superscript 2)",
    "Slope",
    "Efficiency",
    "Amp Score",
    "Cq Conf",
)
_SETUP = (
    "Well",
    "Well Position",
    "Sample Name",
    "Sample Color",
    "Biogroup Name",
    "Biogroup Color",
    "Target Name",
    "Target Color",
    "Task",
    "Reporter",
    "Quencher",
    "Quantity",
    "Comments",
)
_COLORS = {TRANSGENE: "RGB(176,23,31)", REFERENCE: "RGB(0,0,255)"}
_REPORTERS = {TRANSGENE: "FAM", REFERENCE: "VIC"}
_WHOLE = {"Well", "Baseline Start", "Baseline End"}


def as_text(run: PcrRun, chance: Chance) -> bytes:
    """The RT-PCR text export."""
    lines = [f"* {key} = {value}" for key, value in _head(run)]
    for title, headings, rows in _tables(run, chance):
        lines += ["", f"[{title}]", "\t".join(headings)]
        lines += [
            "\t".join(_printed(heading, cell) for heading, cell in zip(headings, row, strict=True)) for row in rows
        ]
    return ("\r\n".join(lines) + "\r\n").encode()


def as_workbook(run: PcrRun, chance: Chance) -> bytes:
    """The same as .xlsx: every sheet repeats the head, then a blank row, the headings and the table."""
    from openpyxl import Workbook

    workbook = Workbook()
    first = workbook.active
    assert first is not None  # a new workbook has one sheet
    workbook.remove(first)
    for title, headings, rows in _tables(run, chance):
        sheet = workbook.create_sheet(title)
        for key, value in _head(run):
            sheet.append([key, value])
        sheet.append([None])
        sheet.append(list(headings))
        for row in rows:
            sheet.append(list(row))
    workbook.properties.creator = "QuantStudio"
    return workbook_bytes(workbook)


def _head(run: PcrRun) -> list[tuple[str, str]]:
    calibrated = date(run.date.year - 1, 9, 23)
    started = datetime.combine(run.date, time(10, 5), tzinfo=None) + timedelta(minutes=7 * run.number % 60)
    ended = started + timedelta(minutes=98)
    calibrations = [
        line
        for dye in ("Background", "Pure Dye FAM", "Pure Dye ROX", "Pure Dye VIC", "ROI", "Uniformity")
        for line in (
            (f"Calibration {dye} is expired", "No"),
            (f"Calibration {dye} performed on", f"{calibrated:%m-%d-%Y}"),
        )
    ]
    return [
        ("Block Type", "96-Well Block (0.2mL)"),
        *calibrations,
        ("Chemistry", "TAQMAN"),
        ("Date Created", f"{run.date.isoformat()} {twelve_hours(started, pads_hour=True)} CST"),
        ("Experiment Barcode", "NA"),
        ("Experiment Comment", "NA"),
        ("Experiment File Name", f"{run.name}.eds"),
        ("Experiment Name", run.name),
        ("Experiment Run End Time", f"{run.date.isoformat()} {twelve_hours(ended, pads_hour=True)} CST"),
        ("Experiment Type", "Standard Curve"),
        ("Instrument Name", "DEMO-QS7"),
        ("Instrument Serial Number", "270000001"),
        ("Instrument Type", "QuantStudio(TM) 7 Flex System"),
        ("Passive Reference", "ROX"),
        ("Quantification Cycle Method", "Ct"),
        ("Signal Smoothing On", "true"),
        ("Stage/ Cycle where Analysis is performed", "Stage 2, Step 2"),
        ("User Name", "NA"),
    ]


def _tables(run: PcrRun, chance: Chance) -> list[tuple[str, tuple[str, ...], list[tuple[Cell, ...]]]]:
    groups: dict[tuple[str, str, float | None], list[Well]] = {}
    for well in run.wells:
        groups.setdefault((well.sample, well.target, well.given_copies), []).append(well)
    results = [
        _result_row(run, well, groups[well.sample, well.target, well.given_copies], chance) for well in run.wells
    ]
    return [
        ("Sample Setup", _SETUP, [_setup_row(well) for well in run.wells]),
        ("Results", _RESULTS, results),
    ]


def _setup_row(well: Well) -> tuple[Cell, ...]:
    return (
        float(well.number),
        well.position,
        well.sample,
        _COLORS[TRANSGENE] if well.sample else "",
        "",
        "",
        well.target,
        _COLORS[well.target],
        well.task,
        _REPORTERS[well.target],
        "NFQ-MGB",
        well.given_copies,
        "",
    )


def _result_row(run: PcrRun, well: Well, group: Sequence[Well], chance: Chance) -> tuple[Cell, ...]:
    kept = [each.cq for each in group if each.cq is not None and not each.is_omitted]
    has_curve = well.target == TRANSGENE
    quantities = [run.curve.copies(cq) for cq in kept] if has_curve and well.task == "UNKNOWN" else []
    quantity: float | None = None
    if has_curve and well.cq is not None and well.task != "NTC":
        quantity = well.given_copies or run.curve.copies(well.cq)
    curve = run.curve
    confidence = 0.0 if well.cq is None else 0.975 + 0.008 * chance.normal(run.date, well.number, "conf")
    return (
        float(well.number),
        well.position,
        well.is_omitted,
        well.sample,
        well.target,
        well.task,
        _REPORTERS[well.target],
        "NFQ-MGB",
        well.cq if well.cq is not None else "Undetermined",
        fmean(kept) if kept else None,
        stdev(kept) if len(kept) > 1 else None,
        quantity,
        fmean(quantities) if quantities else None,
        stdev(quantities) if len(quantities) > 1 else None,
        False,
        0.2,
        True,
        3.0,
        15.0,
        "",
        curve.intercept if has_curve else None,
        curve.r_squared if has_curve else None,
        curve.slope if has_curve else None,
        curve.efficiency_pct if has_curve else None,
        0.0 if well.cq is None else 1.2,
        min(confidence, 1.0),
    )


def _printed(heading: str, cell: Cell) -> str:
    """A cell as the text export prints it: three decimals, commas between thousands."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.0f}" if heading in _WHOLE else f"{cell:,.3f}"
    return f'"{cell}"' if "," in cell else cell
