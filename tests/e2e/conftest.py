"""The command line in processes of its own, in a home of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

MODULE = (sys.executable, "-m", "labmon.cli")
ENTRY = (str(Path(sys.executable).with_name("labmon")),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


Labmon = Callable[..., Ended]


def call(*arguments: object, by: tuple[str, ...] = MODULE, home: Path, cwd: Path | None = None, **more: str) -> Ended:
    """Run labmon with a home and a place for temporary files that nothing else uses."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "LABMON_"))}
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    environment |= {"HOME": str(home), "TMPDIR": str(home / "tmp"), "QT_QPA_PLATFORM": "offscreen", **more}
    ended = subprocess.run(
        [*by, *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=cwd or home,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    return Ended(status=ended.returncode, out=ended.stdout.decode("utf-8"), err=ended.stderr.decode("utf-8"))


@pytest.fixture
def labmon(tmp_path: Path) -> Labmon:
    def run(*arguments: object, by: tuple[str, ...] = MODULE, **more: str) -> Ended:
        return call(*arguments, by=by, home=tmp_path / "home", **more)

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRun:
    """One `labmon demo --headless --out`, and where everything of it is."""

    ended: Ended
    root: Path
    out: Path
    study: Path


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """The demo, run where an earlier one had left its files."""
    root = tmp_path_factory.mktemp("demo-run")
    folder, out, cwd = root / "home/.local/share/labmon/demo", root / "out", root / "cwd"
    for path in (folder / "files", out, cwd):
        path.mkdir(parents=True)
    (folder / "demo.labmon").write_bytes(b"an earlier study")
    (folder / "demo.labmon-journal").write_bytes(b"what was left of it")
    (folder / "files" / "earlier.txt").write_bytes(b"an earlier file")
    (out / "DEMO-002.png").write_bytes(b"flagged then")
    (out / "report.xlsx").write_bytes(b"an earlier report")
    (out / "notes of mine.txt").write_bytes(b"kept")
    ended = call("demo", "--headless", "--out", out, by=ENTRY, home=root / "home", cwd=cwd)
    return DemoRun(ended=ended, root=root, out=out, study=folder / "demo.labmon")


@pytest.fixture
def demo_study(demo_run: DemoRun, tmp_path: Path) -> Path:
    """A copy of the demo's record."""
    assert 0 == demo_run.ended.status, demo_run.ended.err
    return Path(shutil.copy(demo_run.study, tmp_path / "demo.labmon"))
