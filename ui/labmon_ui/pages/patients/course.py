"""One patient's course as the page shows it: heading, figure, kinetics and findings, made of an assessment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from labmon.domain import wording
from labmon.domain.clinical import EventKind, PatientRecord, ResponseCategory
from labmon.domain.finding import Evidence, Finding
from labmon.domain.quantity import Unit, ValueState
from labmon.reports.figures import FigureSpec
from labmon.reports.timeline_figure import timeline_figure
from labmon.workflow.assess import Assess, Assessment
from labmon_ui.pages.patients import states
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.widgets.state_symbol import StateSymbol

_MAIN_PARAMETERS = (
    "cmax",
    "tmax",
    "doubling_time_apparent",
    "auc_0_28",
    "auc_0_84",
    "half_life",
    "persistence",
)
"""What the published trials report; the others stand behind "All parameters"."""
_NARROW_NO_BREAK_SPACE = "\u202f"
_SUBSCRIPT = re.compile(r"^(?P<before>.*?)(?P<head>C|T|AUC|λ)(?P<sub>max|first|last|0–.+|z)\)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """One kinetic parameter: its name in two parts, its value with its unit, or the reason there is none."""

    head: str
    subscript: str
    value: str
    unit: str
    under: str
    """The rule in a few words, or why the parameter is withheld."""
    is_withheld: bool
    is_main: bool
    tooltip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KineticsSeries:
    """The parameters of one series, with the samples they rest on."""

    title: str
    detail: str
    rows: tuple[ParameterRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line about a finding; with a result it leads to that point."""

    name: str
    text: str
    result_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFacts:
    """One finding in full."""

    rule_id: str
    title: str
    state: str
    symbol: StateSymbol
    sentence: str
    evidence: tuple[Entry, ...]
    missing: tuple[str, ...]
    would_change: tuple[Entry, ...]
    thresholds: tuple[Entry, ...]
    cautions: tuple[str, ...]
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """The pill beside the patient's code."""

    text: str
    symbol: StateSymbol
    tone: Tone
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """Everything the page shows about one course of one patient."""

    patient_code: str
    before_day: str
    day: str
    after_day: str
    flag: Flag | None
    figure: FigureSpec | None
    """None without an infusion: then there is nothing to count days from."""
    why_no_figure: str = ""
    kinetics: tuple[KineticsSeries, ...] = ()
    findings: Mapping[str, FindingFacts] = field(default_factory=dict)
    """By rule."""
    leading_rule: str | None = None
    course: int | None = None
    courses: tuple[str, ...] = ()
    """The infusions to choose from, in order; the number of a course is its place from 1."""
    as_of: date
    infused_on: date | None = None
    days: Mapping[int, float] = field(default_factory=dict)
    """Study days by result."""
    issues: tuple[str, ...] = ()


def course_facts(assessment: Assessment, assess: Assess) -> CourseFacts:
    """The facts of an assessment; the figure carries calendar dates for its readout."""
    timeline, record = assessment.timeline, assessment.record
    if timeline is None:
        return CourseFacts(
            patient_code=assessment.patient_code,
            before_day=tr("no CAR-T infusion on record"),
            day="",
            after_day=_disease(record, assessment.as_of, None),
            flag=None,
            figure=None,
            why_no_figure=tr("Study days are counted from an infusion, and none is on record by this day."),
            as_of=assessment.as_of,
        )
    figure = timeline_figure(
        timeline,
        assessment.parameters,
        assessment.findings,
        assess.protocol,
        with_dates=True,
        curve=assessment.curve,
    )
    leading = states.leading(assessment.findings, assessment.leading_finding)
    return CourseFacts(
        patient_code=assessment.patient_code,
        before_day=_product(assessment),
        day=wording.day(timeline.day_of(assessment.as_of)),
        after_day=_disease(record, assessment.as_of, timeline.infusion.infused_on),
        flag=_flag(leading) if leading is not None else None,
        figure=figure,
        kinetics=_kinetics(assessment),
        findings={finding.rule_id: _finding_facts(finding) for finding in assessment.findings},
        leading_rule=leading.rule_id if leading is not None else None,
        course=timeline.course_number,
        courses=_courses(record, assessment.as_of),
        as_of=assessment.as_of,
        infused_on=timeline.infusion.infused_on,
        days={point.result.result_id: point.day for points in timeline.series.values() for point in points},
        issues=tuple(issue.message for issue in assessment.issues),
    )


def _product(assessment: Assessment) -> str:
    timeline = assessment.timeline
    assert timeline is not None  # the caller has looked
    infusion = timeline.infusion
    parts = [
        infusion.car_target or tr("target unknown"),
        tr("{domain} product", domain=infusion.car_costimulation.label),
    ]
    which = tr("infusion {n} of {all}", n=timeline.course_number, all=timeline.course_count)
    return f"{' · '.join(parts)}, {which}"


def _courses(record: PatientRecord, as_of: date) -> tuple[str, ...]:
    dates = sorted(
        infusion.infused_on
        for infusion in record.infusions
        if infusion.infusion_kind.value == "car_t" and infusion.infused_on <= as_of
    )
    return tuple(tr("Infusion {n}, {date}", n=n, date=day.isoformat()) for n, day in enumerate(dates, 1))


_RESPONSES = {
    ResponseCategory.CR: "complete remission",
    ResponseCategory.CRH: "complete remission with partial recovery",
    ResponseCategory.CRI: "complete remission, incomplete recovery",
    ResponseCategory.MLFS: "leukaemia-free marrow",
    ResponseCategory.APLASTIC_MARROW: "aplastic marrow",
    ResponseCategory.PR: "partial remission",
    ResponseCategory.NO_RESPONSE: "no response",
    ResponseCategory.PROGRESSION: "progression",
    ResponseCategory.RELAPSE: "relapse",
}


def _disease(record: PatientRecord, as_of: date, infused_on: date | None) -> str:
    """The last response, whether there was a relapse, and how far that is known."""

    def when(day: date) -> str:
        return (
            f"d{wording.NO_BREAK_SPACE}{wording.day((day - infused_on).days).removeprefix('day ')}"
            if infused_on
            else ""
        )

    def since(day: date) -> bool:
        return day <= as_of and (infused_on is None or day >= infused_on)

    events = {
        kind: [event.occurred_on for event in record.events if event.event_kind is kind and since(event.occurred_on)]
        for kind in EventKind
    }
    seen = [a for a in record.disease_assessments if since(a.assessed_on)]
    judged = [a for a in seen if a.response_category in _RESPONSES]
    parts = []
    if events[EventKind.DEATH]:
        parts.append(tr("died {day}", day=when(events[EventKind.DEATH][0])))
    if events[EventKind.RELAPSE]:
        parts.append(tr("relapse {day}", day=when(events[EventKind.RELAPSE][0])))
    elif judged:
        parts.append(tr(_RESPONSES[judged[-1].response_category]))
        if judged[-1].response_category is ResponseCategory.RELAPSE:
            parts[-1] += f" {when(judged[-1].assessed_on)}"
        else:
            parts.append(tr("no relapse to {day}", day=when(seen[-1].assessed_on)))
    return ", ".join(parts)


def _flag(finding: Finding) -> Flag:
    symbol = states.symbol_of(finding)
    quiet = (Tone.TEXT2, Tone.TEXT3)
    return Flag(
        text=f"{finding.title} – {states.state_words(finding)}",
        symbol=symbol,
        tone=Tone.TEXT2 if symbol.tone in quiet else symbol.tone,
        rule_id=finding.rule_id,
    )


def _kinetics(assessment: Assessment) -> tuple[KineticsSeries, ...]:
    timeline = assessment.timeline
    found = []
    for series in assessment.parameters:
        points = timeline.points(series.key.analyte, series.key.specimen_type) if timeline is not None else ()
        counted = [point.result for point in points if point.day >= 0]
        quantified = sum(r.counts and r.quantity.state is ValueState.QUANTIFIED for r in counted)
        detail = tr("{n} quantified of {all}", n=quantified, all=len(counted))
        excluded = sum(result.is_excluded for result in counted)
        held = sum(result.is_held and not result.is_excluded for result in counted)
        if excluded:
            detail += ", " + tr("{n} excluded", n=excluded)
        if held:
            detail += ", " + tr("{n} held", n=held)
        rows = []
        for parameter in series.parameters:
            head, subscript = _name_parts(parameter.label)
            is_withheld = parameter.value is None and parameter.interval is None
            value, unit = parameter.text, ""
            if (
                not is_withheld
                and parameter.unit
                and parameter.text.endswith(f"{wording.NO_BREAK_SPACE}{parameter.unit}")
            ):
                value, unit = parameter.text.removesuffix(parameter.unit).rstrip(), parameter.unit
            words = "; ".join(parameter.notes) or parameter.rule
            if is_withheld:
                words = parameter.text.removeprefix("not reported: ")
            elif parameter.name == "persistence" and value != (interval := _interval(parameter.interval)):
                # What was found stands beside the name, how sure it is below it.
                more = value.removeprefix("lost in ").removeprefix(interval).lstrip(f"{wording.NO_BREAK_SPACE}d;, ")
                words = more or words
                value, unit = interval, parameter.unit
            rows.append(
                ParameterRow(
                    head=head,
                    subscript=subscript,
                    value="" if is_withheld else value,
                    unit=unit,
                    under=words,
                    is_withheld=is_withheld,
                    is_main=parameter.name in _MAIN_PARAMETERS,
                    tooltip="\n".join((f"{parameter.label}: {parameter.rule}, n {parameter.n}", *parameter.notes)),
                )
            )
        found.append(KineticsSeries(title=series.title, detail=detail, rows=tuple(rows)))
    return tuple(found)


def _interval(interval: tuple[float, float | None] | None) -> str:
    return "" if interval is None else wording.interval(*interval)


def _name_parts(label: str) -> tuple[str, str]:
    """The name and its subscript: "Cmax" in C and max, "Half-life (λz)" in Half-life λ and z."""
    match = _SUBSCRIPT.match(label)
    if match is None:
        return label, ""
    return match["before"].replace("(", "") + match["head"], match["sub"]


def _finding_facts(finding: Finding) -> FindingFacts:
    return FindingFacts(
        rule_id=finding.rule_id,
        title=finding.title,
        state=states.state_words(finding),
        symbol=states.symbol_of(finding),
        sentence=finding.sentence,
        evidence=tuple(_evidence(one) for one in finding.evidence),
        missing=tuple(dict.fromkeys(finding.missing)),
        would_change=tuple(
            Entry(name=tr(state.label), text=observation) for state, observation in finding.would_change
        ),
        thresholds=tuple(
            Entry(name=threshold.name, text=f"{_limit(threshold.value, threshold.unit)} – {threshold.source}")
            for threshold in finding.thresholds
        ),
        cautions=finding.cautions,
        protocol=tr("{protocol}, version {version}", protocol=finding.protocol_id, version=finding.protocol_version),
    )


def _evidence(evidence: Evidence) -> Entry:
    day = "" if evidence.day is None else wording.day(evidence.day)
    return Entry(
        name=evidence.role,
        # A line must not break inside a number.
        text=", ".join(part for part in (day, evidence.text) if part).replace(
            wording.THIN_SPACE, _NARROW_NO_BREAK_SPACE
        ),
        result_id=evidence.result_id,
    )


def _limit(value: float, unit: str) -> str:
    """A limit of a protocol file in the words of the screen; its unit may be one the results do not have."""
    if unit in set(Unit):
        return wording.limit_amount(value, Unit(unit)) if unit != Unit.FRACTION or value > 0 else tr("any signal")
    return wording.limit(value) if unit == "1" else f"{wording.limit(value)}{wording.NO_BREAK_SPACE}{unit}"
