from pathlib import Path

import pytest

from labmon.cli import main
from labmon.domain.issue import CATALOGUE

PAGE = Path(__file__).parents[2] / "docs" / "issue-codes.md"


def test_that_the_page_of_issue_codes_is_in_step_with_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["issue-codes"])

    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8"), "run: labmon issue-codes > docs/issue-codes.md"


def test_that_every_code_stands_on_the_page_once() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert all(1 == page.count(f"\n| {code} |") for code in CATALOGUE)
