"""Published and proposed definitions of loss, each a preset that answers beside the protocol's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from labmon.criteria.limit import SourceStatus
from labmon.criteria.protocol import Protocol, Surveillance, check_rule, load_protocol
from labmon.criteria.rule_kinds import RULE_KINDS, AnyRule, Confirmation
from labmon.criteria.strict_toml import TomlFile, decode
from labmon.criteria.window import WindowRule
from labmon.domain.errors import UserError
from labmon.resources import read_text, resource_path

SCHEMA = 1

PRESET_ORDER = (
    "registry_concept",
    "labmon_default",
    "b_cell_recovery_6",
    "b_cell_recovery_or_hematogones_6",
    "cincinnati",
    "transgene_loss",
    "transgene_loss_awasthi",
    "flow_loss",
)
"""The columns of the side-by-side view; a shipped preset not named here follows by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What counts as loss: rules, window and confirmation.

    What the patient's product, baseline and disease mean stays with the protocol it is laid beside.
    """

    schema: int
    id: str
    version: str
    title: str
    differs: str
    """How it differs from the default, in words."""
    source: str
    status: SourceStatus
    rules_of: str
    """The shipped protocol whose rules, window and confirmation it uses where it states none."""
    answer: str = ""
    """The id of the rule whose finding is its answer; empty: the protocol's own `[registry_concept]` is asked."""
    proposes: str = ""
    """With an empty answer: the rule that is shown in its place."""
    unknowns: tuple[str, ...] = ()
    """What its source leaves open, and how it is read here."""
    context: str = ""
    window: WindowRule | None = None
    confirmation: Confirmation | None = None
    surveillance: Surveillance | None = None
    rules: tuple[AnyRule, ...] = field(default=(), metadata={"variants": RULE_KINDS})

    def laid_over(self, protocol: Protocol) -> Protocol:
        """The protocol as it would be with this preset's definition of loss."""
        base = load_protocol(self.rules_of)
        own = {rule.id for rule in self.rules}
        return replace(
            protocol,
            preset=self.id,
            window=self.window or base.window,
            confirmation=self.confirmation or base.confirmation,
            surveillance=self.surveillance or base.surveillance,
            rules=(*self.rules, *(rule for rule in base.rules if rule.id not in own)),
        )


@cache
def shipped_presets() -> Mapping[str, Preset]:
    """Every preset by its id, in the order of the side-by-side view."""
    names = sorted(path.stem for path in resource_path("protocols", "presets").glob("*.toml"))
    in_order = [name for name in PRESET_ORDER if name in names] + [name for name in names if name not in PRESET_ORDER]
    return {
        preset.id: preset
        for preset in (
            read_preset(read_text("protocols", "presets", f"{name}.toml"), f"{name}.toml") for name in in_order
        )
    }


def preset(preset_id: str) -> Preset:
    """Raises UserError P701 for an id nobody ships."""
    presets = shipped_presets()
    if preset_id not in presets:
        raise UserError("P701", detail=f'no preset is called "{preset_id}"; shipped are {", ".join(presets)}')
    return presets[preset_id]


def read_preset(text: str, name: str) -> Preset:
    """The preset a TOML text describes. Raises UserError P701 with line and suggestion."""
    file = TomlFile(name=name, text=text, code="P701")
    table = file.parse()
    if table.get("schema") != SCHEMA:
        raise file.refusal(("schema",), f"schema is {table.get('schema')!r}; this labmon reads schema {SCHEMA}")
    found = decode(Preset, table, file)
    effective = found.laid_over(load_protocol(found.rules_of))
    for index, rule in enumerate(found.rules):
        check_rule(rule, effective, file, ("rules", index))
    known = [rule.id for rule in effective.rules]
    for key, rule_id in (("answer", found.answer), ("proposes", found.proposes)):
        if rule_id and rule_id not in known:
            raise file.refusal((key,), f'no rule is called "{rule_id}"', near=rule_id, known=known)
    if bool(found.answer) == bool(found.proposes):
        raise file.refusal(("answer",), "a preset has either an answer or a proposal")
    return found
