"""Look at a patient: timeline, parameters, findings, eligibility and visits, as of a day and as known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from labmon import __version__
from labmon.criteria.evaluate import evaluate
from labmon.criteria.evaluate_presets import evaluate_presets
from labmon.criteria.protocol import Protocol
from labmon.criteria.rule_kinds import BCellRecoveryRule
from labmon.domain.analyte import Analyte
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import PatientRecord
from labmon.domain.errors import BugError
from labmon.domain.finding import CriterionAnswer, Finding, FlagState
from labmon.domain.issue import Issue
from labmon.domain.protocol_confirmation import ProtocolConfirmation
from labmon.domain.result import Result
from labmon.kinetics.aplasia import AplasiaDefinition, aplasia_parameters
from labmon.kinetics.curve_fit import ModelCurve, model_curve
from labmon.kinetics.parameters import SeriesParameters, kinetic_parameters
from labmon.kinetics.timeline import Timeline, build_timeline
from labmon.records.study import Study
from labmon.reports.figures import FigureSpec
from labmon.reports.findings_json import plain_criterion, plain_finding, plain_parameters
from labmon.reports.timeline_figure import timeline_figure
from labmon.trial.arms import ArmStatus, arms
from labmon.trial.course_issues import course_issues
from labmon.trial.eligibility import EligibilityDecision, decide, eligibility
from labmon.trial.visits import Visit, visits
from labmon.workflow.study_protocol import study_protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything labmon says about one patient's course."""

    record: PatientRecord
    as_of: date
    timeline: Timeline | None
    """None when no CAR-T infusion is on record: then days cannot be counted and nothing is evaluated."""
    parameters: tuple[SeriesParameters, ...]
    findings: tuple[Finding, ...]
    criteria: tuple[CriterionAnswer, ...]
    decision: EligibilityDecision
    visits: tuple[Visit, ...]
    issues: tuple[Issue, ...]

    @property
    def patient_code(self) -> str:
        return self.record.patient_code

    @property
    def curve(self) -> ModelCurve | None:
        """The model-assisted curve, where there is one; fitted when it is asked for, once for the same samples."""
        found = model_curve(self.timeline) if self.timeline is not None else None
        return found if isinstance(found, ModelCurve) else None

    @property
    def flags(self) -> tuple[Finding, ...]:
        """The findings that raise a flag for review."""
        return tuple(f for f in self.findings if f.raises_flag and f.flag_state is FlagState.MET)

    @property
    def leading_finding(self) -> Finding | None:
        """The one finding a list row shows: the gravest first."""
        return min(self.findings, key=_gravity, default=None)


_ORDER = (
    FlagState.CONFLICT,
    FlagState.HELD,
    FlagState.UNCONFIRMED,
    FlagState.MET,
    FlagState.NOT_EVALUABLE,
    FlagState.NOT_MET,
)


def _gravity(finding: Finding) -> tuple[bool, bool, int, str]:
    is_flag = finding.raises_flag and finding.flag_state is FlagState.MET
    return not is_flag, not finding.raises_flag, _ORDER.index(finding.flag_state), finding.rule_id


class Assess:
    """Assessments of a study; today's are kept until a change touches their patient."""

    def __init__(self, study: Study, protocol_id: str | None = None) -> None:
        """Under the study's own protocol, or under another by its id."""
        self._study = study
        self._protocol_id = protocol_id or study.info.protocol_id
        self._kept: dict[str, Assessment] = {}
        self._protocol: Protocol | None = None

    @property
    def protocol(self) -> Protocol:
        """The version the study is judged by; the first use of it is recorded, so not while the study is read."""
        if self._protocol is None:
            self._protocol = study_protocol(self._study, self._protocol_id)
        return self._protocol

    @property
    def study_code(self) -> str:
        return self._study.info.study_code

    @property
    def as_of(self) -> date:
        """The day the study is looked at from."""
        return self._study.as_of

    def arms(self) -> tuple[ArmStatus, ...]:
        """The arms of the trial as they stand today."""
        protocol = self.protocol
        with self._study.reading() as record:
            confirmed = record.protocol_confirmations(protocol.id)
        return arms(self.protocol, as_of=self._study.as_of, confirmations=confirmed)

    def patient(
        self,
        patient_code: str,
        *,
        as_of: date | None = None,
        known_on: datetime | None = None,
        course: int | None = None,
    ) -> Assessment:
        """Assess one patient. Raises R807 for a code that is not on record."""
        is_present = as_of is None and known_on is None and course is None
        if is_present and (kept := self._today().get(patient_code)) is not None:
            return kept
        protocol = self.protocol
        with self._study.reading() as record:
            patient = record.patient_record(patient_code, known_on=known_on)
            results = record.results((patient_code,), known_on=known_on)
            confirmed = record.protocol_confirmations(protocol.id, known_on=known_on)
        assessment = self._assess(patient, results, confirmed, self._day(as_of, known_on), course)
        if is_present:
            self._kept[patient_code] = assessment
        return assessment

    def all_patients(self, *, as_of: date | None = None, known_on: datetime | None = None) -> tuple[Assessment, ...]:
        """Assess every patient on record (at that moment), in order of their codes."""
        is_present = as_of is None and known_on is None
        kept = self._today() if is_present else {}
        protocol = self.protocol
        with self._study.reading() as record:
            codes = record.patient_codes()
            wanted = tuple(code for code in codes if code not in kept)
            records = record.patient_records(wanted, known_on=known_on) if wanted else ()
            by_patient: dict[str, list[Result]] = {code: [] for code in wanted}
            for result in record.results(wanted, known_on=known_on) if wanted else ():
                by_patient[result.patient_code].append(result)
            confirmed = record.protocol_confirmations(protocol.id, known_on=known_on)
        day = self._day(as_of, known_on)
        kept |= {r.patient_code: self._assess(r, by_patient[r.patient_code], confirmed, day, None) for r in records}
        return tuple(kept[code] for code in codes if code in kept)

    def _day(self, as_of: date | None, known_on: datetime | None) -> date:
        """The day looked from: what was known at a moment is read as of that day unless another is named."""
        if as_of is not None or known_on is None:
            return as_of or self._study.as_of
        return min(self._study.as_of, known_on.astimezone().date())

    def prepare_curves(self, patient_codes: Sequence[str]) -> None:
        """Fit the curves of patients that are assessed already, so that opening one need not wait for it.

        Pure computing, for the pool: it asks the record nothing.
        """
        kept = dict(self._kept)
        for code in patient_codes:
            if code in kept:
                _ = kept[code].curve

    def forget(self, changes: ChangeSet) -> None:
        """Drop what a change touched; under another version of the protocol everything is judged anew."""
        if ChangedPart.PROTOCOL in changes.parts:
            self._protocol = None
            self._kept.clear()
        for code in changes.patient_codes:
            self._kept.pop(code, None)

    def _today(self) -> dict[str, Assessment]:
        """The kept assessments; yesterday's say nothing about what is due today."""
        if any(assessment.as_of != self._study.as_of for assessment in self._kept.values()):
            self._kept.clear()
        return self._kept

    def _assess(
        self,
        record: PatientRecord,
        results: Sequence[Result],
        confirmed: Sequence[ProtocolConfirmation],
        as_of: date,
        course: int | None,
    ) -> Assessment:
        protocol = self.protocol
        timeline = build_timeline(record, results, as_of=as_of, course=course)
        findings = evaluate(timeline, protocol) if timeline else ()
        criteria = eligibility(timeline, record, findings, protocol, as_of=as_of, confirmations=confirmed)
        found = timeline.issues if timeline else (Issue(code="K601", parameters={"patient": record.patient_code}),)
        return Assessment(
            record=record,
            as_of=as_of,
            timeline=timeline,
            parameters=_parameters(timeline, protocol) if timeline else (),
            findings=findings,
            criteria=criteria,
            decision=decide(criteria),
            visits=visits(timeline, protocol, as_of) if timeline else (),
            issues=(
                *found,
                *course_issues(
                    record,
                    remission_marrow=protocol.relapse.marrow_blasts,
                    as_of=as_of,
                    today=self._study.as_of,
                ),
            ),
        )


def _parameters(timeline: Timeline, protocol: Protocol) -> tuple[SeriesParameters, ...]:
    return *kinetic_parameters(timeline), *aplasia_parameters(timeline, _aplasia_definitions(protocol))


def _aplasia_definitions(protocol: Protocol) -> tuple[AplasiaDefinition, ...]:
    """Aplasia is what the protocol's recovery rule does not call recovered, by the share of lymphocytes first."""
    found = []
    for rule in protocol.rules:
        if not isinstance(rule, BCellRecoveryRule):
            continue
        confirmation = protocol.confirmation_of(rule)
        for analyte, limit in (
            (Analyte.CD19_PCT_OF_LYMPHOCYTES, rule.pct_of_lymphocytes),
            (Analyte.CD19_PCT_OF_WBC, rule.pct_of_wbc),
            (Analyte.CD19_CELLS_PER_UL, rule.cells_per_ul),
        ):
            if limit is not None:
                definition = AplasiaDefinition(
                    analyte=analyte,
                    recovered_from=limit.value,
                    confirming_samples=confirmation.samples,
                    min_days_apart=confirmation.min_days_apart.value,
                    source=f"{rule.id} {rule.title}",
                )
                found.append(definition)
    return tuple(found)


def flagged(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """The patients with a flag for review."""
    return tuple(assessment for assessment in assessments if assessment.flags)


def figure_of(assessment: Assessment, protocol: Protocol) -> FigureSpec:
    """The timeline figure of an assessment with a course. Raises BugError without one."""
    if assessment.timeline is None:
        raise BugError("a patient without an infusion has no timeline to draw")
    return timeline_figure(
        assessment.timeline, assessment.parameters, assessment.findings, protocol, curve=assessment.curve
    )


def preset_findings(
    assessment: Assessment, protocol: Protocol, preset_ids: Iterable[str] | None = None
) -> Mapping[str, Finding]:
    """Preset id to its own answer, all shipped presets by default; empty without a course. Raises P701."""
    return evaluate_presets(assessment.timeline, protocol, preset_ids) if assessment.timeline else {}


def plain_assessments(
    assessments: Iterable[Assessment],
    protocol: Protocol,
    study_code: str,
    *,
    known_on: datetime | None = None,
    presets: Mapping[str, Mapping[str, Finding]] | None = None,
) -> dict[str, Any]:
    """What `labmon assess --json` prints and the demo leaves as findings.json; `presets` by patient code."""
    assessments = tuple(assessments)
    plain: dict[str, Any] = {
        "labmon_version": __version__,
        "study": study_code,
        "protocol": {"id": protocol.id, "version": protocol.version},
        "as_of": assessments[0].as_of.isoformat() if assessments else None,
        "patients": [_plain_assessment(assessment) for assessment in assessments],
    }
    if known_on is not None:
        plain["known_on"] = known_on.isoformat()
    if presets is not None:
        for patient, assessment in zip(plain["patients"], assessments, strict=True):
            timeline, answers = assessment.timeline, presets.get(assessment.patient_code, {})
            patient["presets"] = {
                preset_id: plain_finding(finding, timeline) for preset_id, finding in answers.items() if timeline
            }
    return plain


def _plain_assessment(assessment: Assessment) -> dict[str, Any]:
    timeline = assessment.timeline
    return {
        "patient_code": assessment.patient_code,
        "day": timeline.day_of(assessment.as_of) if timeline else None,
        "course": timeline.course_number if timeline else None,
        "flagged": bool(assessment.flags),
        "decision": assessment.decision.text,
        "findings": [plain_finding(finding, timeline) for finding in assessment.findings] if timeline else [],
        "criteria": [plain_criterion(answer, timeline) for answer in assessment.criteria],
        "kinetics": plain_parameters(assessment.parameters),
        "issues": [{"code": issue.code, "message": issue.message} for issue in assessment.issues],
    }
