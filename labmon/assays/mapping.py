"""The remembered mapping: what a target of an export stands for, and which specimen a sample name means.

A sample name that is a specimen code means that specimen; everything else is said by a rule a person made. No identity
is guessed from a well or a file name.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from labmon.assays.definition import AssayDefinition
from labmon.domain.analyte import Measurand
from labmon.domain.errors import UserError


class RuleSubject(StrEnum):
    TARGET = "target"
    SAMPLE = "sample"


class RuleMatch(StrEnum):
    EXACT = "exact"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRule:
    """One remembered decision.

    A target rule's `becomes` is a measurand ("transgene", "ignored" ...). A sample rule's is a specimen code or, with a
    pattern, a template over the pattern's named groups: `(?P<p>DEMO)(?P<n>\\d{3})_d(?P<day>\\d+)` becomes
    `{p}-{n}-D{day:03d}-PB`. A rule with an `assay_id` holds for that assay only. Raises UserError R808 for a rule that
    cannot be used.
    """

    subject: RuleSubject
    match: RuleMatch
    text: str
    becomes: str
    assay_id: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip() or not self.becomes.strip():
            raise _unusable("the rule is empty", "Say what the name is and what it becomes.")
        if self.match is RuleMatch.PATTERN:
            _compiled(self.text)
        if self.subject is RuleSubject.TARGET:
            if self.becomes not in [m.value for m in Measurand]:
                raise _unusable(f'"{self.becomes}" is no measurand', "Choose one of the list.")
        elif self.match is RuleMatch.PATTERN:
            groups = _compiled(self.text).groupindex
            for name, _ in _template_fields(self.becomes):
                if name not in groups:
                    raise _unusable(f'"{{{name}}}" is no named group of the pattern', f"Write (?P<{name}>...) in it.")

    def apply(self, name: str) -> str | None:
        """What `name` becomes by this rule; None when the rule is not about it."""
        if self.match is RuleMatch.EXACT:
            return self.becomes if _folded(name) == _folded(self.text) else None
        found = _compiled(self.text).fullmatch(name.strip())
        if found is None:
            return None
        return self.becomes if self.subject is RuleSubject.TARGET else _composed(self.becomes, found.groupdict(""))

    def to_plain(self) -> dict[str, str | None]:
        """As records keep it."""
        return {
            "subject": self.subject.value,
            "match": self.match.value,
            "text": self.text,
            "becomes": self.becomes,
            "assay_id": self.assay_id,
            "note": self.note,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> MappingRule:
        """From what `to_plain` gave."""
        return cls(
            subject=RuleSubject(plain["subject"]),
            match=RuleMatch(plain["match"]),
            text=plain["text"],
            becomes=plain["becomes"],
            assay_id=plain.get("assay_id"),
            note=plain.get("note"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenMatch:
    """Which specimens on record a sample name means: one, none, or several (then a person must say)."""

    codes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Codes the rules made of the name that are not on record."""

    @property
    def code(self) -> str | None:
        """The one specimen; None when there is none or more than one."""
        return self.codes[0] if len(self.codes) == 1 else None

    @property
    def is_ambiguous(self) -> bool:
        return len(self.codes) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMapping:
    """All rules together, with the codes of the specimens on record."""

    rules: tuple[MappingRule, ...] = ()
    specimens: Collection[str] = field(default_factory=frozenset)

    def measurand_of(self, target: str | None, definition: AssayDefinition) -> Measurand | None:
        """What a target stands for: exact rules first, then patterns, then the definition's own patterns.

        Of two rules that fit equally the newer (later) one counts. None: nobody said.
        """
        if target is None:
            return None
        for match in (RuleMatch.EXACT, RuleMatch.PATTERN):
            for rule in reversed(self.rules):
                if rule.subject is not RuleSubject.TARGET or rule.match is not match:
                    continue
                if rule.assay_id in (None, definition.id) and (becomes := rule.apply(target)) is not None:
                    return Measurand(becomes)
        return definition.measurand_of(target.strip())

    def specimen_of(self, sample: str | None, definition: AssayDefinition) -> SpecimenMatch:
        """Which specimen a sample name means: its own code, else an exact rule's, else all that patterns make of it."""
        name = (sample or "").strip()
        if not name:
            return SpecimenMatch()
        if name in self.specimens:
            return SpecimenMatch(codes=(name,))
        for match in (RuleMatch.EXACT, RuleMatch.PATTERN):
            made = dict.fromkeys(
                code
                for rule in reversed(self.rules)
                if rule.subject is RuleSubject.SAMPLE
                and rule.match is match
                and rule.assay_id in (None, definition.id)
                and (code := rule.apply(name)) is not None
            )
            if match is RuleMatch.EXACT:
                made = dict.fromkeys(list(made)[:1])  # the newest decision about this very name
            if made:
                return SpecimenMatch(
                    codes=tuple(code for code in made if code in self.specimens),
                    absent=tuple(code for code in made if code not in self.specimens),
                )
        return SpecimenMatch()


def _unusable(detail: str, help_text: str) -> UserError:
    return UserError("R808", detail=detail, help=help_text)


def _folded(name: str) -> str:
    return name.strip().casefold()


@cache
def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise _unusable(f'"{text}" is no pattern: {error}', "Correct the regular expression.") from error


@cache
def _template_fields(template: str) -> tuple[tuple[str, str], ...]:
    """The (group, format) pairs of a template; only plain group names and digit formats are allowed."""
    fields = []
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise _unusable(f'"{template}" is no template: {error}', "Write groups as {name} or {name:03d}.") from error
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or conversion or not re.fullmatch(r"(0?\d+d)?", spec or ""):
            raise _unusable(f'"{{{name}}}" is no group', "Write groups as {name} or {name:03d}.")
        fields.append((name, spec or ""))
    return tuple(fields)


def _composed(template: str, groups: Mapping[str, str]) -> str | None:
    """The template filled in; None when a group that must be a number is none."""
    values: dict[str, str | int] = dict(groups)
    for name, spec in _template_fields(template):
        if spec:
            if not groups[name].isascii() or not groups[name].isdigit():
                return None
            values[name] = int(groups[name])
    return template.format_map(values)
