"""How long reading event files takes, beside numpy.fromfile on the same bytes and beside flowio, and the memory."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import flowio
import numpy as np
import pytest

from labmon.instruments.child import IsolatedReader
from labmon.instruments.fcs import data_sets
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path
from labmon.instruments.source import Source
from tests.instruments.making_fcs import fcs

EVENTS, PARAMETERS, ROUNDS, FILES = 1_000_000, 20, 5, 1_000
DATA_AT = 4096
KINDS = {
    "float32": (np.float32, "F", 32, 262144),
    "16-bit integers": (np.uint16, "I", 16, 1024),
    "32-bit integers": (np.uint32, "I", 32, 1 << 20),
    "24-bit integers": (np.uint8, "I", 24, 1 << 20),
}
_PEAK = r"""
import re, sys
from pathlib import Path
from labmon.instruments.fcs import data_sets
from labmon.instruments.source import Source
import numpy
data = Path(sys.argv[1])
def peak(): return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
events = data_sets(Source.from_path(data).buffer)[-1].events()
print(peak() - before)
"""


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times) * 1000


def made(path: Path, kind: str) -> Path:
    number, data_type, bits, highest = KINDS[kind]
    chance = np.random.default_rng(1)
    values = EVENTS * PARAMETERS * (3 if bits == 24 else 1)
    data = (
        chance.random(values, np.float32)
        if data_type == "F"
        else chance.integers(0, 1 << 8 * number().itemsize, values, number)
    )  # type: ignore[operator]  # a type makes its number
    path.write_bytes(
        fcs(
            data.tobytes(),
            events=EVENTS,
            bits=(bits,) * PARAMETERS,
            ranges=(highest,) * PARAMETERS,
            keywords={"$DATATYPE": data_type},
            data_at=DATA_AT,
        )
    )
    return path


def by_flowio(path: Path) -> np.ndarray:
    with path.open("rb") as stream:
        return flowio.FlowData(stream).as_array(preprocess=False)


@pytest.mark.parametrize("kind", KINDS)
def test_reading_a_million_events_of_twenty_parameters(kind: str, tmp_path: Path) -> None:
    path = made(tmp_path / "events.fcs", kind)
    number, _, bits, _ = KINDS[kind]
    size = EVENTS * PARAMETERS * bits // 8

    def events() -> object:
        return data_sets(Source.from_path(path).buffer)[-1].events()

    alone = best(lambda: np.fromfile(path, number, offset=DATA_AT))
    rows = [("numpy.fromfile alone", alone), ("file to events", best(events))]
    rows.append(("recognised, hashed, first and last events", best(lambda: read_path(path, ReadOptions()))))
    with IsolatedReader() as reader:
        rows.append(("the same in a waiting child", best(lambda: (time.sleep(0.4), reader.read(path))) - 400))
    if bits != 24:  # flowio reads none of these
        rows.append(("flowio", best(lambda: by_flowio(path), rounds=1)))
    peak = 1024 * int(subprocess.run([sys.executable, "-c", _PEAK, path], capture_output=True, check=True).stdout)

    print(f"\n{EVENTS:,} events x {PARAMETERS} {kind} ({size / 1e6:.0f} MB), best of {ROUNDS}")
    for what, milliseconds in rows:
        print(f"  {what:44}{milliseconds:8.1f} ms  x {milliseconds / alone:.1f}")
    print(f"  memory added at its peak: {peak / size:.2f} x the data segment")


def test_heads_of_a_folder(tmp_path: Path) -> None:
    content = fcs(
        np.zeros((20_000, 12), np.float32).tobytes(),
        events=20_000,
        bits=(32,) * 12,
        keywords={"$DATATYPE": "F"},
        data_at=DATA_AT,
    )
    for number in range(FILES):
        (tmp_path / f"{number:04}.fcs").write_bytes(content)

    def heads() -> int:
        return sum(data_sets(Source.from_path(path).buffer)[-1].event_count for path in sorted(tmp_path.iterdir()))

    print(f"\nkeywords of {FILES:,} files of {len(content) / 1e6:.1f} MB: {best(heads, rounds=3):.0f} ms")
