"""A program that imports files until it is killed: `python import_until_killed.py FOLDER`.

Each line on stdin names a record and how to write: `whole` as labmon does, `pieces` as it must not (the control). A
child is forked for it, its number printed, and the name of every file it brought, once labmon said it was on record.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from labmon.domain.actor import Actor
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path
from labmon.records.study import Study
from labmon.records.writer import NewResult
from labmon.workflow.import_files import ImportFiles
from labmon.workflow.import_plan import ImportPlan

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


def main(folder: Path) -> None:
    readings = {path: read_path(path, ReadOptions()) for path in sorted(folder.glob("*.csv"))}
    for line in sys.stdin:
        path, manner = line.split("\t")
        pid = os.fork()
        if pid == 0:
            bring(Path(path), readings, is_whole=manner.strip() == "whole")
        say(f"child {pid}")
        os.waitpid(pid, 0)
        say("ended")


def bring(study_path: Path, readings: dict[Path, object], *, is_whole: bool) -> None:
    study = Study.open(study_path)
    importing = ImportFiles(study, ACTOR, IsolatedReader(spares=0))
    with study.reading() as record:
        known = {file.file_name for file in record.files()}
    for path, reading in readings.items():
        if path.name not in known:
            plan = importing.plan(reading)
            if is_whole:
                importing.commit(path, plan)
            else:
                commit_in_pieces(study, path, plan)
            say(f"brought {path.name}")
    signal.pause()


def commit_in_pieces(study: Study, path: Path, plan: ImportPlan) -> None:
    """The same rows through the same writer, five to a transaction."""
    results = [NewResult(draft=e.draft, patient_code="P-001") for e in plan.entries if e.draft is not None]
    with study.writing(ACTOR) as record:
        record.import_file(plan.reading, path.read_bytes(), runs=plan.runs, results=results[:5])
    for start in itertools.count(5, 5):
        if start >= len(results):
            return
        with study.writing(ACTOR) as record:
            record.derive_results(results[start : start + 5], "the next piece")


def say(what: str) -> None:
    os.write(1, f"{what}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
