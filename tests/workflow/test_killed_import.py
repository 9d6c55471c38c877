"""The process is killed while it imports: what labmon called done is whole, what it did not is not there."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest

from labmon.domain.clinical import Patient
from labmon.records.study import Study
from labmon.records.writer import NewFact

from .conftest import ACTOR, specimen
from .making import qubit_csv

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are needed to kill an import")

PROGRAM = Path(__file__).with_name("import_until_killed.py")
FILES, PER_FILE = 30, 20
KILLS_PER_RECORD = 6


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty record whose specimens are known, and files to bring."""
    folder = tmp_path_factory.mktemp("killed")
    study = Study.create(
        folder / "empty.labmon", study_code="K", title="K", site="K", protocol_id="nct06389305", actor=ACTOR
    )
    codes = [[f"P-001-{file:02d}-{sample:02d}" for sample in range(PER_FILE)] for file in range(FILES)]
    with closing(study), study.writing(ACTOR) as record:
        record.put_fact(NewFact(fact=Patient(patient_code="P-001")))
        for code in (code for of_file in codes for code in of_file):
            record.put_fact(NewFact(fact=specimen(code, 14)))
    for number, of_file in enumerate(codes):
        content = qubit_csv(dict.fromkeys(of_file, 20.0 + number), run_id=f"2026-02-{number % 28 + 1:02d}")
        (folder / f"dna{number:02d}.csv").write_bytes(content)
    return folder


@dataclass
class Found:
    """What the record held after a kill, against what was said before it."""

    kills: int = 0
    brought: int = 0
    lost: int = 0
    partial: int = 0


@contextmanager
def importer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        [sys.executable, PROGRAM, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    with program:
        yield program
        program.communicate()


def kill_while_importing(bench: Path, tmp_path: Path, *, kills: int, manner: str, seed: int) -> Found:
    moments = random.Random(seed)
    found = Found()
    told: set[str] = set()
    path = tmp_path / "study.labmon"
    with importer(bench) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for number in range(kills):
            if number % KILLS_PER_RECORD == 0:  # before it runs out of files
                told = set()
                for leftover in tmp_path.glob("study.labmon*"):
                    leftover.unlink()
                shutil.copy(bench / "empty.labmon", path)
            program.stdin.write(f"{path}\t{manner}\n")
            pid = 0
            for line in program.stdout:
                said, _, what = line.strip().partition(" ")
                if said == "child":
                    pid = int(what)
                elif said == "brought":
                    told.add(what)
                    if pid:  # it is certainly at work now; let it come to some other point of the next files
                        sleep(moments.random() * 0.12)
                        os.kill(pid, signal.SIGKILL)
                        pid = 0
                        found.kills += 1
                else:
                    break
            look(path, told, found)
    return found


def look(path: Path, told: set[str], found: Found) -> None:
    """Open the record as the next start would, and count what is not as it should be."""
    with closing(Study.open(path)) as study, study.reading() as record:
        assert record.first_broken_audit_entry() is None
        files = record.files()
        results = record.results()
        entries = record.audit_entries(entity="source_file")
        contents = {file.file_name: record.file_content(file.file_sha256) for file in files}
    with closing(sqlite3.connect(path)) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
        assert [] == connection.execute("PRAGMA foreign_key_check").fetchall()
    assert {file.file_sha256 for file in files} == {entry.source_file_sha256 for entry in entries}
    assert all(contents.values())
    found.brought += len(told)
    found.lost += len(told - {file.file_name for file in files})
    of_file = [sum(r.draft.provenance[0].file_sha256 == file.file_sha256 for r in results) for file in files]
    found.partial += sum(count != PER_FILE for count in of_file)


def test_that_a_killed_import_is_whole_or_absent_and_nothing_acknowledged_is_lost(bench: Path, tmp_path: Path) -> None:
    found = kill_while_importing(bench, tmp_path, kills=24, manner="whole", seed=11)

    assert (24, 0, 0) == (found.kills, found.lost, found.partial)
    assert found.brought >= 24


def test_that_a_batch_written_in_several_transactions_is_caught_half_done(bench: Path, tmp_path: Path) -> None:
    """The control: without it the test above could be one that never sees a partial import."""
    found = kill_while_importing(bench, tmp_path, kills=10, manner="pieces", seed=12)

    assert 10 == found.kills
    assert found.partial > 0
