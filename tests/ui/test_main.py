import subprocess
import sys

import pytest

from labmon_ui.main import main

WITHOUT_QT = """
import sys
from labmon_ui.main import main
try:
    status = main({arguments!r})
except SystemExit as end:
    status = end.code
print("status", status, "Qt" if any(name.startswith("PySide6") for name in sys.modules) else "no Qt")
"""


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["read", "--help"]])
def test_that_the_command_line_answers_without_importing_qt(arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT.format(arguments=arguments)], capture_output=True, text=True, check=True
    )

    assert ended.stdout.splitlines()[-1] == "status 0 no Qt"


def test_that_a_subcommand_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["florp"])

    assert end.value.code == 2
    assert "florp" in capsys.readouterr().err
