"""The demo's DNA concentrations as a Qubit 4 exports them."""

from __future__ import annotations

import csv
import io
from datetime import datetime, time, timedelta

from labmon.demo.chance import Chance
from labmon.demo.clock import twelve_hours
from labmon.demo.qpcr import PcrRun

_HEADINGS = (
    "Run ID",
    "Assay Name",
    "Test Name",
    "Test Date",
    "Qubit® tube conc.",
    "Units",
    "Original sample conc.",
    "Units",
    "Sample Volume (µL)",
    "Dilution Factor",
    "Std 1 RFU",
    "Std 2 RFU",
    "Std 3 RFU",
    "Excitation",
    "Emission",
    "Green RFU",
    "Far Red RFU",
)
_DILUTION = 200


def as_csv(run: PcrRun, chance: Chance) -> bytes:
    """The day before the run: one row a specimen; the tube's concentration is the sample's, diluted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    day = run.date - timedelta(days=1)
    low, high = 49.4 + chance.uniform(day, "std1"), 21100 + round(80 * chance.uniform(day, "std2"), 2)
    for index, (specimen_code, ng_per_ul) in enumerate(run.dna):
        tested = datetime.combine(day, time(14, 3)) + timedelta(seconds=47 * index)
        tube_ng_per_ml = ng_per_ul * 1000 / _DILUTION
        clock = twelve_hours(tested, pads_hour=False)
        writer.writerow(
            (
                day.isoformat(),
                "1x dsDNA High Sensitivity",
                specimen_code,
                f"{day.month}/{day.day}/{day.year} {clock}",
                f"{tube_ng_per_ml:.4g}",
                "ng/mL",
                f"{ng_per_ul:.3g}",
                "ng/µL",
                1,
                _DILUTION,
                f"{low:.2f}",
                f"{high:.2f}",
                "",
                "Blue",
                "Green",
                f"{low + tube_ng_per_ml * 42.4:.2f}",
                "",
            )
        )
    return text.getvalue().encode()
