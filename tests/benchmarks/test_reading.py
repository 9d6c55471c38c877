"""How long reading a 384-well plate takes: beside python-calamine or csv.reader alone, and in the guarded child."""

import csv
import gc
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path

ROUNDS = 15
SLOPE, INTERCEPT = -3.4, 39.0
HEADINGS = (
    "Well", "Well Position", "Omit", "Sample Name", "Target Name", "Task", "Reporter", "Quencher", "CT", "Ct Mean",
    "Ct SD", "Quantity", "Quantity Mean", "Quantity SD", "Automatic Ct Threshold", "Ct Threshold", "Automatic Baseline",
    "Baseline Start", "Baseline End", "Comments", "Y-Intercept", "R(superscript 2)", "Slope", "Efficiency", "Amp Score",
    "Cq Conf",
)  # fmt: skip


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full 384-well plate in triplicates with its raw data, as the instrument's software exports it."""
    book = openpyxl.Workbook(write_only=True)
    head = [["Block Type", "384-Well Block"], ["Instrument Type", "QuantStudio(TM) 7 Flex System"]]
    head += [[f"Calibration Pure Dye {index} performed on", "05-20-2026"] for index in range(40)]
    results = book.create_sheet("Results")
    for row in (*head, [], list(HEADINGS)):
        results.append(row)
    for number in range(1, 385):
        position = "ABCDEFGHIJKLMNOP"[(number - 1) // 24] + str((number - 1) % 24 + 1)
        first = 24.0 + (number - 1) // 3 * 0.1
        cq = first + (number - 1) % 3 * 0.01
        quantity = 10 ** ((cq - INTERCEPT) / SLOPE)
        results.append(
            [number, position, "false", f"LM-{(number - 1) // 3:03}", "CAR", "UNKNOWN", "FAM", "NFQ-MGB", cq,
             first + 0.01, 0.01, quantity, quantity, 3.2, "true", 0.2, "true", 3, 22, None, INTERCEPT, 0.998, SLOPE,
             96.8, 1.19, 0.98]
        )  # fmt: skip
    raw = book.create_sheet("Raw Data")
    for cycle in range(60):
        for well in range(1, 385):
            raw.append([well, cycle, *(float(well * cycle % (97 + channel)) for channel in range(5))])
    out = io.BytesIO()
    book.save(out)
    path = tmp_path_factory.mktemp("benchmark") / "plate.xlsx"
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def no_collection() -> Iterator[None]:
    """The reading process runs without garbage collection, and so does this comparison."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def best(work: Callable[[], object], between: Callable[[], object] = lambda: None) -> float:
    """The shortest of several rounds in milliseconds: what the work costs when nothing else wants the machine."""
    times = []
    for _ in range(ROUNDS):
        between()
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times) * 1000


def test_reading_a_384_well_workbook(workbook: Path, no_collection: None) -> None:
    def calamine() -> object:
        return CalamineWorkbook.from_path(str(workbook)).get_sheet_by_name("Results").to_python()

    alone = best(calamine)
    here = best(lambda: read_path(workbook, ReadOptions()))
    with IsolatedReader() as reader:
        warm = best(lambda: reader.read(workbook), between=lambda: time.sleep(0.4))  # the spare process gets ready
    with IsolatedReader(spares=0) as reader:
        cold = best(lambda: reader.read(workbook))

    print(f"\nresults of a 384-well workbook ({workbook.stat().st_size / 1e6:.1f} MB), best of {ROUNDS}")
    for what, milliseconds in (
        ("python-calamine alone", alone),
        ("guard, reader and cross-checks", here),
        ("the same in a waiting child", warm),
        ("the same in a child started now", cold),
    ):
        print(f"  {what:34}{milliseconds:8.1f} ms  x {milliseconds / alone:.1f}")


def text(*, with_curves: bool) -> str:
    """The same plate as text, with the amplification curves the software exports along with it, or without."""
    lines = ["* Block Type = 384-Well Block", "* Instrument Type = QuantStudio(TM) 7 Flex System", ""]
    if with_curves:
        lines += ["[Amplification Data]", "Well\tWell Position\tCycle\tTarget Name\tRn\tDelta Rn"]
        lines += [
            f"{w}\tA{w % 24 + 1}\t{c}\tCAR\t{c / 100:.3f}\t{c / 80:.4f}" for c in range(1, 41) for w in range(1, 385)
        ]
    lines += ["", "[Results]", "\t".join(HEADINGS)]
    for number in range(1, 385):
        position = "ABCDEFGHIJKLMNOP"[(number - 1) // 24] + str((number - 1) % 24 + 1)
        first = 24.0 + (number - 1) // 3 * 0.1
        cq = first + (number - 1) % 3 * 0.01
        quantity = f"{10 ** ((cq - INTERCEPT) / SLOPE):,.3f}"
        lines.append(
            f"{number}\t{position}\tfalse\tLM-{(number - 1) // 3:03}\tCAR\tUNKNOWN\tFAM\tNFQ-MGB\t{cq:.3f}\t"
            f"{first + 0.01:.3f}\t0.010\t{quantity}\t{quantity}\t3.200\ttrue\t0.200\ttrue\t3\t22\t\t{INTERCEPT:.3f}\t"
            f"0.998\t{SLOPE:.3f}\t96.800\t1.190\t0.980"
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("with_curves", [True, False])
def test_reading_a_384_well_text(tmp_path: Path, no_collection: None, with_curves: bool) -> None:
    path = tmp_path / "plate.txt"
    path.write_text(text(with_curves=with_curves))

    def reader() -> object:
        with path.open(newline="") as stream:
            return list(csv.reader(stream, delimiter="\t"))

    alone = best(reader)
    here = best(lambda: read_path(path, ReadOptions()))

    what = "with curves" if with_curves else "results only"
    print(f"\n384-well text, {what} ({path.stat().st_size / 1e6:.2f} MB), best of {ROUNDS}")
    print(f"  csv.reader alone                  {alone:8.1f} ms  x 1.0")
    print(f"  reader and cross-checks           {here:8.1f} ms  x {here / alone:.1f}")
