"""How long the corridor takes on the demo study: a file, an import of the whole, the window; each against a baseline.

The machine must have nothing else to do: the load it had is printed beside each line.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from labmon.demo import write_demo_files
from labmon.domain.actor import Actor
from labmon.domain.clinical import Specimen, SpecimenType
from labmon.domain.result import ResultDraft
from labmon.instruments.child import IsolatedReader
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult
from labmon.workflow.assess import Assess
from labmon.workflow.demo import make_demo_study
from labmon.workflow.import_files import ImportFiles
from tests.workflow.making import qpcr_text

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")
WINDOW = Path(__file__).with_name("watched_window.py")
AS_OF = date(2026, 10, 31)
SPECIMENS = 25

Say = Callable[[str, float, str, float, str, float], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """One line of the table: what, how much, of at most; the baseline, how much, and the ratio."""

    def line(what: str, found: float, unit: str, bar: float, baseline: str, base: float) -> None:
        verdict = "ok" if found <= bar else "TOO MUCH"
        with capsys.disabled():
            print(
                f"\n{what:<46} {found:8.2f} {unit:<3} of {bar:g} {verdict:<8} "
                f"= {found / base:6.1f} × {baseline} ({base:.3g} {unit}); load {os.getloadavg()[0]:.1f}"
            )

    return line


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, float]:
    """The demo's folder, seconds for writing its files, seconds for writing and importing them."""
    folder = tmp_path_factory.mktemp("demo")
    start = time.perf_counter()
    write_demo_files(folder / "written")
    writing = time.perf_counter() - start
    start = time.perf_counter()
    make_demo_study(folder / "demo", ACTOR, lambda *_: None)
    return folder / "demo", writing, time.perf_counter() - start


@pytest.fixture
def study_path(made: tuple[Path, float, float], tmp_path: Path) -> Path:
    return Path(shutil.copy(made[0] / "demo.labmon", tmp_path / "demo.labmon"))


def raw_rows(path: Path, batches: list[tuple[bytes, list[tuple[object, ...]]]]) -> float:
    """The baseline: bytes hashed and split, rows of nine columns written by the bare driver, one commit a file."""
    start = time.perf_counter()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("CREATE TABLE r (a, b, c, d, e, f, g, h, i)")
        for content, rows in batches:
            hashlib.sha256(content).hexdigest()
            content.split(b"\n")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
    return time.perf_counter() - start


def test_importing_the_demo(made: tuple[Path, float, float], tmp_path: Path, say: Say) -> None:
    folder, writing, together = made
    contents = [path.read_bytes() for path in (folder / "files").iterdir()]
    base = raw_rows(tmp_path / "raw.db", [(content, [tuple("abcdefghi")] * 40) for content in contents])

    say("writing the demo's files", writing, "s", 99, "writing the same bytes", _writing(contents, tmp_path))
    say("importing the demo, files written before", together - writing, "s", 15, "bare driver, a commit a file", base)


def _writing(contents: list[bytes], folder: Path) -> float:
    start = time.perf_counter()
    for number, content in enumerate(contents):
        (folder / f"{number}.copy").write_bytes(content)
    return time.perf_counter() - start


def test_a_plate_of_96_wells_from_bytes_to_refreshed_findings(study_path: Path, tmp_path: Path, say: Say) -> None:
    codes = [f"BENCH-{number:02d}" for number in range(SPECIMENS)]
    with closing(Study.open(study_path)) as study, IsolatedReader(spares=1) as reader:
        with study.writing(ACTOR) as record:
            for number, code in enumerate(codes):
                drawn = Specimen(
                    specimen_code=code,
                    patient_code=f"DEMO-{number % 24 + 1:03d}",
                    specimen_type=SpecimenType.PERIPHERAL_BLOOD,
                    collected_on=AS_OF,
                )
                record.put_fact(NewFact(fact=drawn))
        assess = Assess(study)
        assess.all_patients()
        importing = ImportFiles(study, ACTOR, reader)
        seconds = []
        for number in range(5):
            mine = codes[number * 5 : number * 5 + 5]
            samples = {f"{code}": 100.0 + 7 * number for code in mine} | {f"other {n}": 50.0 for n in range(20)}
            content = qpcr_text(samples, run_name=f"BENCH {number}", started="2026-10-31 09:10:00 AM CET")
            path = tmp_path / f"plate{number}.txt"
            path.write_bytes(content)
            time.sleep(0.5)  # the spare process gets ready, as it does while a person looks for the next file
            start = time.perf_counter()
            plan = importing.plan(importing.read(path))
            assess.forget(importing.commit(path, plan).changes)
            assess.all_patients()
            seconds.append(time.perf_counter() - start)
        base = raw_rows(tmp_path / "raw.db", [(content, [tuple("abcdefghi")] * 10)])
    say("96 wells, bytes to refreshed findings", statistics.median(seconds), "s", 0.5, "bare driver", base)


def test_rows_through_the_records_room(study_path: Path, tmp_path: Path, say: Say) -> None:
    with closing(Study.open(study_path)) as study:
        with study.reading() as record:
            result = next(r for r in record.results() if r.draft.provenance)
            content = record.file_content(record.files()[0].file_sha256)
        drafts: list[ResultDraft] = [result.draft] * 20_000
        start = time.perf_counter()
        with study.writing(ACTOR) as record:
            record.derive_results([NewResult(draft=d, patient_code=result.patient_code) for d in drafts], "benchmark")
        ours = time.perf_counter() - start
    with closing(sqlite3.connect(study_path)) as connection:
        rows = connection.execute("SELECT * FROM result ORDER BY result_id DESC LIMIT 20000").fetchall()
        (ddl,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'result'").fetchone()
    with closing(sqlite3.connect(tmp_path / "raw.db", isolation_level=None)) as connection:
        connection.execute(ddl)
        connection.execute("BEGIN IMMEDIATE")
        start = time.perf_counter()
        connection.executemany(f"INSERT INTO result VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.execute("COMMIT")
        base = time.perf_counter() - start
    assert content
    say("20,000 results with provenance and audit", ours, "s", 20 * base, "the same rows by the bare driver", base)


def test_the_window(study_path: Path, say: Say) -> None:
    runs = [_window(study_path) for _ in range(4)][1:]  # the first warms the disk's cache
    base = statistics.median(_bare_qt() for _ in range(3))
    say("window first painted", statistics.median(r["painted"] for r in runs), "s", 1.0, "Python and Qt alone", base)
    say("window with the study's first page", statistics.median(r["study"] for r in runs), "s", 2.0,
        "Python and Qt alone", base)  # fmt: skip
    switches = [each * 1000 for run in runs for each in run["switches"]]
    say("switching patient, median", statistics.median(switches), "ms", 50, "a frame of 60 a second", 1000 / 60)
    say("switching patient, slowest", max(switches), "ms", 50, "a frame of 60 a second", 1000 / 60)
    say("memory with the demo open", max(r["memory"] for r in runs) / 2**20, "MiB", 350, "Python alone",
        _bare_memory() / 2**20)  # fmt: skip


def _window(study_path: Path) -> dict[str, object]:
    start = time.monotonic()
    ended = subprocess.run([sys.executable, WINDOW, study_path], capture_output=True, check=True)
    seen = json.loads(ended.stdout)
    return seen | {"painted": seen["painted"] - start, "study": seen["study"] - start}


def _bare_qt() -> float:
    program = (
        "from PySide6.QtWidgets import QApplication, QWidget\napp = QApplication([])\nw = QWidget()\nw.show()\n"
        "app.processEvents()"
    )
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - start


def _bare_memory() -> int:
    program = "import psutil, sys; sys.stdout.write(str(psutil.Process().memory_info().rss))"
    return int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
