"""Files as a laboratory and a ward hand them in, written by the test that brings them."""

import csv
import io
from collections.abc import Mapping
from dataclasses import fields
from math import log10

from labmon.domain.clinical import ClinicalFact
from labmon.domain.template import TemplateId
from labmon.reports.templates import filled_template_bytes

SLOPE, INTERCEPT = -3.4, 39.0
_RESULTS = ("Well", "Well Position", "Omit", "Sample Name", "Target Name", "Task", "CT", "Quantity", "Y-Intercept",
            "R(superscript 2)", "Slope", "Efficiency")  # fmt: skip
_CONCENTRATIONS = ("Run ID", "Assay Name", "Test Name", "Qubit® tube conc.", "Units", "Original sample conc.", "Units")
_EFFICIENCY = (10 ** (-1 / SLOPE) - 1) * 100


def qpcr_text(
    samples: Mapping[str, float | None],
    *,
    run_name: str = "CAR 0201",
    started: str = "2026-02-10 09:10:00 AM CET",
    ntc: float | None = None,
    target: str = "CAR",
) -> bytes:
    """A QuantStudio text export with a curve and controls; `samples` are copies, None is undetermined.

    `ntc` is the Cq of the no-template control: with one the run fails acceptance.
    """
    wells: list[tuple[str, str, float | None, float | None]] = []
    for level in range(1, 7):
        wells += [("STD", "STANDARD", _cq(10.0**level), 10.0**level)] * 2
    wells.append(("NTC", "NTC", ntc, None))
    for sample, copies in {"PC low": 200.0, "PC high": 20_000.0, **samples}.items():
        wells += [(sample, "UNKNOWN", None if copies is None else _cq(copies), copies)] * 3
    lines = [
        "* Experiment Type = Standard Curve",
        f"* Experiment Name = {run_name}",
        f"* Experiment Run End Time = {started}",
        f"* Date Created = {started}",
        "* Instrument Type = QuantStudio(TM) 7 Flex System",
        "",
        "[Results]",
        "\t".join(_RESULTS),
    ]
    for number, (sample, task, cq, copies) in enumerate(wells, start=1):
        position = f"{'ABCDEFGH'[(number - 1) // 12]}{(number - 1) % 12 + 1}"
        printed = "Undetermined" if cq is None else f"{cq:.3f}"
        quantity = "" if copies is None else f"{copies:.3f}"
        cells = [number, position, "false", sample, target, task, printed, quantity]
        lines.append("\t".join(map(str, [*cells, INTERCEPT, 0.999, SLOPE, f"{_EFFICIENCY:.3f}"])))
    return ("\r\n".join(lines) + "\r\n").encode()


def qubit_csv(concentrations: Mapping[str, float], *, run_id: str = "2026-02-09") -> bytes:
    """A Qubit 4 export: ng/µL by sample."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_CONCENTRATIONS)
    for sample, conc in concentrations.items():
        writer.writerow((run_id, "1x dsDNA High Sensitivity", sample, f"{conc * 5:.4g}", "ng/mL", conc, "ng/µL"))
    return text.getvalue().encode()


def clinical_workbook(*facts: ClinicalFact) -> bytes:
    """The clinical workbook with these facts in it."""
    rows: dict[str, list[dict[str, object]]] = {}
    for fact in facts:
        cells = {field.name: getattr(fact, field.name) for field in fields(fact)}
        rows.setdefault(type(fact).sheet, []).append(cells)
    return filled_template_bytes(TemplateId.CLINICAL, rows)


def _cq(copies: float) -> float:
    return INTERCEPT + SLOPE * log10(copies)
