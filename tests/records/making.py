"""Readings, runs and results as the rooms before the record hand them over."""

import hashlib

from labmon.domain.analyte import Analyte
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import Quantity, Unit
from labmon.domain.reading import FileReading
from labmon.domain.result import Provenance, ResultDraft
from labmon.domain.run import Acceptance, CheckOutcome, CurvePoint, Run, RunCheck, StandardCurve

CONTENT = b"Well\tCT\nA1\t27.1\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def a_reading() -> FileReading:
    return FileReading(
        file_name="run_0417.txt",
        sha256=SHA256,
        size_bytes=len(CONTENT),
        format_id="quantstudio_text",
        format_title="QuantStudio text",
        reader_version=1,
        run_started_at="2026-01-25",
        issues=(Issue(code="Q102", place=Place(row=2), parameters={"detected": 2, "total": 3}),),
        unread=("Cq Conf",),
    )


def a_run(acceptance: Acceptance = Acceptance.ACCEPTED) -> Run:
    outcome = CheckOutcome.PASSED if acceptance is Acceptance.ACCEPTED else CheckOutcome.FAILED
    return Run(
        run_code="QPCR-0417",
        file_sha256=SHA256,
        assay_id="transgene_qpcr",
        assay_version="1",
        acceptance=acceptance,
        checks=(RunCheck(check_id="ntc_outcome", title="NTC", observed="Cq 33.1", limit="no Cq", outcome=outcome),),
        curve=StandardCurve(
            slope=-3.38,
            intercept=39.9,
            r_squared=0.997,
            efficiency_pct=97.6,
            n_standards=12,
            points=(CurvePoint(copies=100.0, cq=33.1, is_standard=True),),
        ),
    )


def a_draft(value: float = 4120.0, *, held_reason: str | None = None) -> ResultDraft:
    return ResultDraft(
        specimen_code="P-001-D014",
        analyte=Analyte.TRANSGENE_COPIES_PER_UG_DNA,
        quantity=Quantity.from_measurement(value, Unit.COPIES_PER_UG_DNA, lod=18, lloq=50),
        run_code="QPCR-0417",
        basis={"replicates_detected": 3, "gdna_ng_per_reaction": 200.0},
        provenance=(
            Provenance(file_sha256=SHA256, file_name="run_0417.txt", place=Place(row=2, heading="CT"), raw="27.1"),
        ),
        held_reason=held_reason,
    )
