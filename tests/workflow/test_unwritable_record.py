"""The record cannot be written: the person is told why, nothing is half done, and it is usable afterwards."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from labmon.domain.errors import UserError
from labmon.instruments.child import IsolatedReader
from labmon.records import database
from labmon.records.study import Study
from labmon.workflow.import_files import ImportFiles

from .conftest import ACTOR, Laboratory
from .making import qpcr_text

PROGRAM = Path(__file__).with_name("import_without_room.py")
UNTOUCHED = "reads 0 0 None"


def run(study: Path, file: Path, how: str, *through: str) -> list[str]:
    command = [*through, sys.executable, str(PROGRAM), str(study), str(file), how]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not ended.stderr, ended.stderr
    return ended.stdout.splitlines()


@pytest.fixture
def bench(prepared_study: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A record in a folder of its own, and a file that does not fit into it any more."""
    (tmp_path / "records").mkdir()
    study = tmp_path / "records" / "study.labmon"
    shutil.copy(prepared_study, study)
    file = tmp_path / "run.txt"
    comment = b"".join(b"* Comment %d = %s\r\n" % (n, os.urandom(500).hex().encode()) for n in range(300))
    file.write_bytes(comment + qpcr_text({"P-001-D014": 800.0, "P-002-D014": 60.0}))
    return study, file


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_FSIZE acts like this on Linux")
def test_that_a_file_that_may_not_grow_leaves_the_record_as_it_was_and_usable(bench: tuple[Path, Path]) -> None:
    study, file = bench

    refused, left, accepted = run(study, file, "limit")

    assert refused.startswith("R803 The disk is full")
    assert (UNTOUCHED, "wrote 2") == (left, accepted)


def test_that_a_full_disk_leaves_the_record_as_it_was_and_usable(bench: tuple[Path, Path]) -> None:
    study, file = bench
    kept = study.parent.parent / "kept.labmon"
    shutil.copy(study, kept)
    small_disk = f'mount -t tmpfs -o size=2m tmpfs "{study.parent}" && cp "{kept}" "{study}" && exec "$@"'
    may_mount = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*may_mount, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be made where user namespaces are allowed")

    refused, left, accepted = run(study, file, "full", *may_mount, "sh", "-c", small_disk, "sh")

    assert refused.startswith("R803 The disk is full")
    assert (UNTOUCHED, "wrote 2") == (left, accepted)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_that_a_record_that_may_only_be_read_says_so(bench: tuple[Path, Path], what: str) -> None:
    study, file = bench
    before = study.read_bytes()
    guarded = study if what == "file" else study.parent
    guarded.chmod(0o444 if what == "file" else 0o555)
    through: list[str] = []
    if os.geteuid() == 0:  # nothing is read-only to root until it gives that privilege up
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everything, and setpriv is not here to give that up")
        without = "-dac_override,-dac_read_search"
        through = ["setpriv", f"--bounding-set={without}", f"--inh-caps={without}"]

    said, *_ = run(study, file, "rights", *through)
    guarded.chmod(0o755)

    assert said.startswith("R804 ")
    assert str(study) in said
    assert before == study.read_bytes()


def test_that_a_record_another_program_holds_is_refused_and_nothing_written(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    plan = lab.plan("run.txt", qpcr_text({"P-001-D014": 800.0}))
    before = lab.content()

    with closing(Study.open(lab.study.path)) as impatient, IsolatedReader(spares=0) as reader:
        importing = ImportFiles(impatient, ACTOR, reader)
        with closing(sqlite3.connect(lab.study.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UserError, match=r"^R802 .*another program"):
                importing.commit(lab.folder / "run.txt", plan)
            other.execute("ROLLBACK")
        assert before == lab.content()

        assert 1 == importing.commit(lab.folder / "run.txt", plan).written
