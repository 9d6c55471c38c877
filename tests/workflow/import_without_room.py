"""A program that imports a file where it cannot be written, then where it can: `... STUDY FILE HOW`.

HOW: `limit` (no file may grow), `full` (the folder's disk is filled up first), `rights` (as this process is).
Prints what commit said, then whether the record can still be read, then what commit says once there is room again.
"""

import errno
import resource
import sys
from pathlib import Path

from labmon.domain.actor import Actor
from labmon.domain.errors import UserError
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path
from labmon.records.study import Study
from labmon.workflow.import_files import ImportFiles

ACTOR = Actor(person="technician A", role="technician", workstation="bench 3")


def main(study_path: Path, file: Path, how: str) -> None:
    study = Study.open(study_path)
    importing = ImportFiles(study, ACTOR, IsolatedReader(spares=0))
    plan = importing.plan(read_path(file, ReadOptions()))
    ballast = study_path.with_name("ballast")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if how == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (study_path.stat().st_size + 4096, hard))
    elif how == "full":
        fill(ballast)
    commit(importing, file, plan)
    with study.reading() as record:
        say(f"reads {len(record.files())} {len(record.results())} {record.first_broken_audit_entry()}")
    if how == "rights":
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    ballast.unlink(missing_ok=True)
    commit(importing, file, plan)


def commit(importing: ImportFiles, file: Path, plan: object) -> None:
    try:
        say(f"wrote {importing.commit(file, plan).written}")
    except UserError as error:
        say(str(error))


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")


def fill(ballast: Path) -> None:
    """Leave no room but what is left of one page."""
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
