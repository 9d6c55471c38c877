"""A writer is killed in the middle of a transaction: the next to open the record finds it as it was."""

import signal
import subprocess
import sys
from contextlib import closing

from labmon.records.study import Study

KILLED_WHILE_WRITING = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA synchronous=FULL")
connection.execute("PRAGMA cache_size=1")  # so that pages reach the file before the commit that never comes
connection.execute("BEGIN IMMEDIATE")
connection.execute("DROP TRIGGER patient_refuses_update")
for number in range(2000):
    connection.execute("UPDATE patient SET recorded_by = ?", ("x" * number,))
    connection.execute(
        "INSERT INTO patient (is_void, patient_code, sex, recorded_at, recorded_by) VALUES (0, ?, 'male', '', '')",
        (f"X-{number}",),
    )
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_that_a_record_left_by_a_killed_writer_opens_as_it_was(study: Study) -> None:
    with study.reading() as record:
        before = record.audit_entries(), record.patient_records()
    study.close()

    ended = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, study.path], check=False)
    assert -signal.SIGKILL == ended.returncode
    assert list(study.path.parent.glob("study.labmon-*")), "the control: an unfinished transaction was left behind"

    with closing(Study.open(study.path)) as reopened, reopened.reading() as record:
        assert before == (record.audit_entries(), record.patient_records())
        assert record.first_broken_audit_entry() is None
