"""Rules of the house that no linter knows, each with a message that says what to do instead."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = (CHECKOUT / "labmon", CHECKOUT / "ui" / "labmon_ui")
ROOMS_WITHOUT_A_MEANING = {"utils", "helpers", "common", "misc", "core", "manager"}


def modules(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob("*.py"))


def imported_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            yield node.module


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def test_that_no_room_has_a_name_that_says_nothing() -> None:
    places = [path for folder in (*PACKAGES, CHECKOUT / "tests", CHECKOUT / "installer") for path in folder.rglob("*")]
    nameless = [shown(path) for path in places if path.stem in ROOMS_WITHOUT_A_MEANING]

    assert [] == nameless, "name it after what it is for, or move its parts to whom they serve"


def test_that_every_module_says_in_one_sentence_what_it_is_for() -> None:
    unsaid = []
    for path in modules(*PACKAGES, CHECKOUT / "installer"):
        first_line = (ast.get_docstring(parsed(path)) or "").partition("\n")[0]
        if not re.fullmatch(r"(labmon|[^a-z\s]).*[^.]\.", first_line):
            unsaid.append(f"{shown(path)}: {first_line!r}")

    assert [] == unsaid, "the first line of a module is one sentence on one line, with its full stop"


def test_that_nothing_is_left_for_later() -> None:
    words = ["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]  # in pieces: this file is looked at too
    later = re.compile(rf"\b({'|'.join(words)})\b|raise Not[I]mplemented")
    files = list(CHECKOUT.glob("*.md"))
    for folder in (*PACKAGES, CHECKOUT / "tests", CHECKOUT / "installer", CHECKOUT / "resources"):
        files += [path for path in folder.rglob("*") if path.suffix in {".py", ".sh", ".toml", ".md"}]
    left = [
        f"{shown(path)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if later.search(line)
    ]

    assert [] == left, "do it now, or open an issue and say there what is missing"


def test_that_the_domain_needs_the_standard_library_only() -> None:
    foreign = [
        f"{shown(path)}: {name}"
        for path in modules(CHECKOUT / "labmon" / "domain")
        for name in imported_names(parsed(path))
        if name.partition(".")[0] not in sys.stdlib_module_names and not re.match(r"labmon\.domain(\.|$)", name)
    ]

    assert [] == foreign, "the vocabulary stands on nothing; what needs a library belongs to a room further along"


def test_that_a_migration_imports_nothing_of_labmon() -> None:
    migrations = list(modules(CHECKOUT / "labmon" / "records" / "migrations"))
    coupled = [
        f"{shown(path)}: {name}"
        for path in migrations
        for name in imported_names(parsed(path))
        if name.partition(".")[0] in {"labmon", "labmon_ui"}
    ]

    assert migrations
    assert [] == coupled, (
        "a migration must still run when the code it was written beside has changed: copy what it needs"
    )


def test_that_tests_of_labmon_do_without_qt() -> None:
    of_the_window = {"ui", "e2e", "benchmarks"}
    with_qt = [
        f"{shown(path)}: {name}"
        for path in modules(CHECKOUT / "tests")
        if path.relative_to(CHECKOUT / "tests").parts[0] not in of_the_window and not path.name.startswith("test_house")
        for name in imported_names(parsed(path))
        if name.partition(".")[0] in {"PySide6", "pyqtgraph", "pytestqt", "labmon_ui"}
    ]

    assert [] == with_qt, "tests of the window live in tests/ui and tests/e2e"


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        ("resizeRowsToContents", "a fixed row height: measuring 20,000 rows takes two seconds"),
        ("processEvents", "tasks.run(job, done, failed): the GUI thread never waits, nor pretends to"),
        ("terminate", "a cancel token that the job looks at: a terminated thread takes its locks along"),
    ],
)
def test_that_the_window_never_calls(call: str, instead: str) -> None:
    calls = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(CHECKOUT / "ui" / "labmon_ui")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == call
    ]

    assert [] == calls, f"use {instead}"


def test_that_a_dialog_does_not_block_the_window() -> None:
    blocking = [
        f"{shown(path)}:{node.lineno}"
        for path in modules(CHECKOUT / "ui" / "labmon_ui")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"exec", "exec_"}
        and not re.search(r"app", ast.unparse(node.func.value), re.IGNORECASE)  # the application's own loop
    ]

    assert [] == blocking, "show dialogs and menus with open() or popup() and act on their signals"


def loaded_after(statement: str) -> set[str]:
    """The top-level names of every module a fresh interpreter has loaded after `statement`."""
    program = (
        f"import json, sys\n{statement}\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    )
    answer = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)

    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout.splitlines()[-1]))


def test_that_the_command_line_starts_without_qt_and_without_heavy_libraries() -> None:
    heavy = {
        "PySide6",
        "shiboken6",
        "pyqtgraph",
        "qtawesome",
        "labmon_ui",
        "sqlalchemy",
        "alembic",
        "openpyxl",
        "numpy",
    }

    assert set() == loaded_after("import labmon.cli") & heavy


def test_that_the_entry_point_starts_without_qt() -> None:
    assert set() == loaded_after("import labmon_ui.main") & {"PySide6", "shiboken6", "pyqtgraph", "qtawesome"}


def test_that_the_window_opens_without_libraries_it_needs_later() -> None:
    later = {"alembic", "openpyxl", "python_calamine", "scipy", "pandas", "defusedxml", "lxml"}

    assert set() == loaded_after("import labmon_ui.application") & later
