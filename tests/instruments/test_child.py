import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labmon.domain.errors import BugError, Cancelled, UserError
from labmon.instruments import child
from labmon.instruments.child import IsolatedReader
from labmon.instruments.options import DecimalMark, ReadOptions
from labmon.instruments.read_file import read_path

from . import hostile

DATA = Path(__file__).parents[1] / "data"
GOOD = DATA / "quantstudio_text" / "standard_curve.txt"


@pytest.fixture
def reader() -> Iterator[IsolatedReader]:
    with IsolatedReader(spares=0) as reader:
        yield reader


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Lets this program answer in place of the reading process."""
    monkeypatch.setattr(child, "_COMMAND", (sys.executable, "-c", program))


@pytest.mark.parametrize("name", ["quantstudio_text/standard_curve.txt", "flowjo_table/beads.xls", "qubit/qubit4.csv",
                                  "clinical_template/clinical_mixed.xlsx", "mrd_template/mrd_mixed.xlsx"])  # fmt: skip
def test_that_a_file_reads_in_the_child_as_it_reads_here(name: str) -> None:
    with IsolatedReader() as reader:
        assert read_path(DATA / name, ReadOptions()) == reader.read(DATA / name)


def test_that_a_refusal_arrives_with_its_code_place_and_parameters(reader: IsolatedReader, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(',CD3+ | Count\nS1.fcs,"2,520"\n')

    with pytest.raises(UserError, match=r'^I003 line 2, column 2: "2,520" may be 2.520 or 2520'):
        reader.read(path)

    answered = reader.read(path, ReadOptions(decimal_mark=DecimalMark.POINT))
    assert [2520.0] == [reading.value for reading in answered.readings]


def test_that_the_workbook_that_aborts_its_parser_ends_only_the_child(reader: IsolatedReader, tmp_path: Path) -> None:
    path = tmp_path / "two_far_cells.xlsx"
    path.write_bytes(hostile.two_far_cells())
    alone = "import sys, python_calamine as p; p.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_name('Results')"

    with pytest.raises(UserError, match=r"^I013 .*SIGABRT"):
        reader.read(path)

    limit = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); {alone}"
    unguarded = subprocess.run([sys.executable, "-c", limit, path], capture_output=True, check=False)
    assert unguarded.returncode == -signal.SIGABRT, "the control: without a child this file kills its reader"
    assert reader.read(GOOD).readings


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import os; os.abort()", r"died of it \(SIGABRT\)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", r"died of it \(SIGKILL\)"),
        ("raise SystemExit(7)", "ended with status 7"),
        ("print('Traceback: nonsense')", "gave an answer that is none"),
        ('print(\'{"reading": {"file_name": 7}}\')', "gave an answer that is none"),
        ("print('[' * 100000)", "gave an answer that is none"),
        ('print(\'{"failed": "MemoryError in flowjo_table.py, line 3"}\')', "MemoryError in flowjo_table.py"),
        ("import time; time.sleep(60)", "it took longer than 0.3 s"),
        ("import sys\nwhile True: sys.stdin.read()", "it took longer than 0.3 s"),
    ],
)
def test_that_whatever_the_child_does_is_one_refusal(monkeypatch: pytest.MonkeyPatch, program: str, says: str) -> None:
    prepared = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n" + program
    stand_in(monkeypatch, prepared)
    limit = 0.3 if "longer" in says else 20.0

    with IsolatedReader(spares=0, time_limit_s=limit) as reader, pytest.raises(UserError, match=f"^I013 .*{says}"):
        reader.read(GOOD)


def test_that_a_spare_child_that_died_while_waiting_is_replaced() -> None:
    with IsolatedReader(spares=1) as reader:
        (spare,) = reader._spares
        spare.kill()
        spare.wait()

        assert reader.read(GOOD).readings


def test_that_a_cancelled_reading_kills_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, "import time; time.sleep(60)")

    with IsolatedReader(spares=0) as reader, pytest.raises(Cancelled):
        reader.read(GOOD, is_cancelled=lambda: True)


def test_that_closing_ends_a_reading_in_another_thread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    stand_in(monkeypatch, f"open({str(started)!r}, 'w').close(); import time; time.sleep(60)")
    reader = IsolatedReader(spares=0)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(reader.read, GOOD)
        started.read_text()  # returns once the child runs
        reader.close()

        with pytest.raises(Cancelled):
            future.result()
    with pytest.raises(BugError):
        reader.read(GOOD)


def test_that_several_threads_may_read_at_once() -> None:
    with IsolatedReader() as reader, ThreadPoolExecutor(3) as pool:
        readings = list(pool.map(reader.read, [GOOD] * 4))

    assert 1 == len({reading.sha256 for reading in readings})


def test_that_closing_leaves_neither_process_nor_thread() -> None:
    before = set(threading.enumerate())
    reader = IsolatedReader(spares=2)
    processes = list(reader._spares)

    reader.close()
    reader.close()

    assert all(process.poll() is not None for process in processes)
    assert before == set(threading.enumerate())


def test_that_the_child_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom labmon.instruments import child_process\nchild_process._load_ahead()\n"
        "heavy = {'numpy', 'openpyxl', 'sqlalchemy', 'PySide6', 'pandas', 'statistics'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
