"""What a person answers while importing: number and date conventions, the format, and what a name means.

Pages hand these answers back to `ImportFiles`; they know the workflow, not the rooms in which the answers take effect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from labmon.assays.mapping import MappingRule, RuleMatch, RuleSubject
from labmon.instruments.formats import FORMATS
from labmon.instruments.options import DateOrder, DecimalMark, ReadOptions
from labmon.records.study import Study

__all__ = [
    "DateOrder",
    "DecimalMark",
    "MappingRule",
    "NamePreview",
    "ReadOptions",
    "RuleMatch",
    "RuleSubject",
    "format_titles",
    "preview",
    "specimen_codes",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePreview:
    """What a rule would make of one name of a file."""

    name: str
    becomes: str | None
    """None when the rule is not about this name."""
    is_on_record: bool
    """False for a specimen code nobody has entered; a measurand always exists."""


def preview(rule: MappingRule, names: Iterable[str], specimen_codes: Collection[str]) -> tuple[NamePreview, ...]:
    """What the rule would make of each name, before anybody remembers it."""
    return tuple(
        NamePreview(
            name=name,
            becomes=(becomes := rule.apply(name)),
            is_on_record=rule.subject is RuleSubject.TARGET or becomes in specimen_codes,
        )
        for name in names
    )


def format_titles() -> dict[str, str]:
    """Every format labmon reads: its title by id."""
    return {each.id: each.title for each in FORMATS.values()}


def specimen_codes(study: Study) -> tuple[str, ...]:
    """The codes a sample may stand for, sorted."""
    with study.reading() as record:
        return tuple(sorted(record.specimens()))
