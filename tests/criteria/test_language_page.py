from dataclasses import fields
from pathlib import Path

from labmon.criteria.rule_kinds import RULE_KINDS
from tests.criteria.language_page import page

PAGE = Path(__file__).parents[2] / "docs" / "protocol-language.md"


def test_that_the_page_of_the_protocol_language_is_in_step_with_what_is_read() -> None:
    written = PAGE.read_text(encoding="utf-8")

    assert page() == written, "run: uv run python -m tests.criteria.language_page > docs/protocol-language.md"


def test_that_every_kind_of_rule_and_its_keys_stand_on_the_page() -> None:
    text = page()

    for kind, cls in RULE_KINDS.items():
        section = text[text.index(f"## kind = `{kind}`") :].split("\n## ")[0]
        assert all(f"| `{field.name}` |" in section for field in fields(cls))
