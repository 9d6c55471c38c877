"""What the demo study is for: each wanted trouble, on whom, and the findings it must give."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labmon.demo.plan import DemoPlan
from labmon.domain.finding import CriterionState, FlagState
from labmon.resources import read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One wanted trouble. `expect` holds on the demo's day for every seed."""

    id: str
    patient: str
    title: str
    look: str
    expect: Mapping[str, FlagState]
    criteria: Mapping[str, CriterionState] = field(default_factory=dict)


def load_scenarios() -> tuple[Scenario, ...]:
    """The shipped scenarios, in order of their patients."""
    return tuple(
        Scenario(
            id=table["id"],
            patient=table["patient"],
            title=table["title"],
            look=table["look"],
            expect={rule: FlagState(state) for rule, state in table["expect"].items()},
            criteria={each: CriterionState(state) for each, state in table.get("criteria", {}).items()},
        )
        for table in tomllib.loads(read_text("demo", "scenarios.toml"))["scenario"]
    )


def scenario_page(plan: DemoPlan, scenarios: Sequence[Scenario]) -> str:
    """The manual's page about the demo study, as Markdown."""
    lines = [
        "# The demo study",
        "",
        "`labmon demo` writes the export files of 24 invented patients and imports them the way a technician would.",
        f"The study is looked at on {plan.as_of.isoformat()}, whatever the clock says. The curves follow a published",
        f"model ({plan.study['model']['source']}); everything else about the patients is invented, for the trouble it",
        "makes.",
        "",
        "This page is made from `resources/demo/scenarios.toml`.",
        "",
        "| patient | what is wanted | where to look | findings |",
        "| --- | --- | --- | --- |",
    ]
    for scenario in scenarios:
        stated = [f"{rule} {state.label}" for rule, state in scenario.expect.items()]
        stated += [f"{criterion} {state.label}" for criterion, state in scenario.criteria.items()]
        findings = ", ".join(stated)
        lines.append(f"| {scenario.patient} | {scenario.title} | {scenario.look} | {findings} |")
    return "\n".join(lines) + "\n"
