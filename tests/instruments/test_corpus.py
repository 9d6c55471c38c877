"""Real exports that lie beside the checkout on some machines, compared with what a correct reader must find in them."""

import contextlib
import csv
import gzip
import importlib.util
import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from labmon.cli.read import answer
from labmon.domain.errors import UserError
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path

READ = (
    "quantstudio_text",
    "quantstudio_workbook",
    "design_analysis",
    "cfx",
    "lightcycler480",
    "rotorgene",
    "rdml",
    # digital PCR
    "absolute_q",
    "qiacuity",
    "quantasoft",
    "qx_manager",
    # flow cytometry
    "facsdiva",
    "fcs",
    "flowjo_wsp",
    "flowjo_table",
    # MRD
    "mrd",
    # DNA and cells
    "gdna",
)
REFUSED = ("broken", "no_results")
VERDICTS = {"refuse", "refuse_or_empty", "no_crash"}
"""Rows of an expected file that judge the file as a whole."""


@pytest.fixture(scope="module")
def comparison(corpus: Path) -> ModuleType:
    """The corpus's own program that compares an answer with the expected rows."""
    spec = importlib.util.spec_from_file_location("compare_read", corpus / "compare_read.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expected_rows(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def files_of(corpus: Path, family: str) -> Iterator[tuple[Path, Path]]:
    for expected in sorted((corpus / "expected" / family).iterdir()):
        file = corpus / family / expected.name.removesuffix(".gz").removesuffix(".csv")
        if file.exists():
            yield file, expected


def said_of(file: Path) -> object:
    """The answer about a file, or its refusal."""
    try:
        return answer(read_path(file, ReadOptions()))
    except UserError as refusal:
        return refusal


@pytest.mark.parametrize("family", READ)
def test_that_real_exports_are_read_without_a_wrong_missing_or_invented_value(
    family: str, corpus: Path, comparison: ModuleType
) -> None:
    compared = 0
    for file, expected in files_of(corpus, family):
        rows = expected_rows(expected)
        kinds = {row["kind"] for row in rows}
        if kinds <= VERDICTS:
            continue
        said = said_of(file)
        if isinstance(said, UserError):
            assert "may_refuse" in kinds, (file.name, said)  # curves only
            continue
        tally, notes = comparison.compare(rows, said)

        wrong = {key: count for key, count in tally.items() if key[1] not in ("right", "absent")}
        assert not wrong, (file.name, wrong, notes[:5])
        compared += sum(tally.values())
    assert compared


@pytest.mark.parametrize("family", [*REFUSED, *READ])
def test_that_real_files_without_results_are_refused_with_a_code_or_give_no_number(family: str, corpus: Path) -> None:
    for file, expected in files_of(corpus, family):
        verdict = {row["kind"] for row in expected_rows(expected)} & VERDICTS
        if not verdict:
            continue
        numbers = 0
        with contextlib.suppress(UserError):
            numbers = sum(isinstance(each.value, float) for each in read_path(file, ReadOptions()).readings)
        assert "no_crash" in verdict or not numbers, file.name
