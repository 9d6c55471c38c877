"""What Applied Biosystems' exports call the lines of their head."""

from __future__ import annotations

from labmon.instruments.readers.run_head import ENDED, STARTED, Head

KEPT = frozenset(
    {
        "barcode",
        "block type",
        "chemistry",
        "experiment barcode",
        "experiment name",
        "experiment type",
        "instrument name",
        "instrument serial number",
        "instrument type",
        "passive reference",
        "quantification cycle method",
        "signal smoothing on",
        "stage/ cycle where analysis is performed",
        "analysis type",
        "endogenous control",
        "reference sample",
        *STARTED,
        *ENDED,
    }
)
"""What is kept of the head. Operators, comments and paths are not: they name people."""
KNOWN = KEPT | {
    "comment",
    "experiment comment",
    "experiment file name",
    "file name",
    "operator",
    "software name",
    "software name and version",
    "software version",
    "user name",
}


def new_head() -> Head:
    """A head that keeps what an Applied Biosystems export says about instrument and run."""
    return Head(kept=KEPT, named=KNOWN)
