"""A patient's course as a figure: what of the record is drawn, where, and with which words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from labmon.criteria.evaluate import evaluate
from labmon.criteria.protocol import Protocol, load_protocol
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import (
    ClinicalEvent,
    Costimulation,
    DiseaseAssessment,
    DrugClass,
    EventKind,
    Infusion,
    InfusionKind,
    Medication,
    Patient,
    PatientRecord,
    ResponseCategory,
    Specimen,
    SpecimenType,
)
from labmon.domain.finding import Evidence, Finding, FlagState
from labmon.domain.quantity import Quantity, ValueState
from labmon.domain.result import Result, ResultDraft
from labmon.kinetics.curve_fit import ModelCurve, model_curve
from labmon.kinetics.parameters import kinetic_parameters
from labmon.kinetics.timeline import Timeline, build_timeline
from labmon.reports.figures import (
    EventLane,
    EventMark,
    FigureSpec,
    Glyph,
    KeyEntry,
    LineStyle,
    Mark,
    MarkPlace,
    ModelLine,
    Panel,
    PanelKey,
    RibbonSymbol,
    SeriesKey,
)
from labmon.reports.timeline_figure import Detail, sparkline_points, timeline_figure

INFUSED_ON = date(2025, 3, 3)
AS_OF = INFUSED_ON + timedelta(days=121)
BLOOD, MARROW = SpecimenType.PERIPHERAL_BLOOD, SpecimenType.BONE_MARROW
NOT_DETECTED, BELOW = ValueState.NOT_DETECTED, ValueState.DETECTED_BELOW_LLOQ


class Course:
    """Collects specimens and results by day; ids count up in the order of adding."""

    def __init__(self) -> None:
        self.specimens: dict[str, Specimen] = {}
        self.results: list[Result] = []
        self.medications: list[Medication] = []
        self.events: list[ClinicalEvent] = []
        self.assessments: list[DiseaseAssessment] = []
        self.infusions = [
            Infusion(
                patient_code="DEMO-014",
                infused_on=INFUSED_ON,
                car_target="CD19",
                car_costimulation=Costimulation.FOUR_1BB,
            )
        ]

    def add(
        self,
        day: int,
        analyte: Analyte,
        what: float | ValueState,
        *,
        where: SpecimenType = BLOOD,
        lloq: float | None = None,
        uloq: float | None = None,
        method: MrdMethod | None = None,
        sensitivity: float | None = None,
        basis: dict[str, float | str] | None = None,
        held: str | None = None,
        excluded: str | None = None,
        hour: int | None = None,
    ) -> str:
        """Adds a result and returns the reference its mark will carry."""
        code = f"S{day}-{where.value}"
        on = INFUSED_ON + timedelta(days=day)
        self.specimens[code] = Specimen(
            specimen_code=code,
            patient_code="DEMO-014",
            specimen_type=where,
            collected_on=on,
            collected_at=datetime(on.year, on.month, on.day, hour, tzinfo=UTC) if hour is not None else None,
        )
        if isinstance(what, ValueState):
            quantity = Quantity.without_value(what, analyte.unit, lloq=lloq, uloq=uloq)
        else:
            quantity = Quantity(value=what, unit=analyte.unit, state=ValueState.QUANTIFIED, lloq=lloq, uloq=uloq)
        moment = datetime(2025, 7, 1, tzinfo=UTC)
        self.results.append(
            Result(
                result_id=len(self.results) + 1,
                version=1,
                patient_code="DEMO-014",
                draft=ResultDraft(
                    specimen_code=code,
                    analyte=analyte,
                    quantity=quantity,
                    run_code=f"RUN-{day}",
                    method=method,
                    sensitivity_fraction=sensitivity,
                    basis=basis or {},
                    held_reason=held,
                    excluded_reason=excluded,
                ),
                recorded_at=moment,
                released_at=moment,
                released_by="verifier B",
            )
        )
        return str(len(self.results))

    def record(self) -> PatientRecord:
        return PatientRecord(
            patient=Patient(patient_code="DEMO-014"),
            infusions=tuple(self.infusions),
            specimens=tuple(self.specimens.values()),
            disease_assessments=tuple(self.assessments),
            medications=tuple(self.medications),
            events=tuple(self.events),
        )

    def timeline(self, as_of: date = AS_OF) -> Timeline:
        timeline = build_timeline(self.record(), self.results, as_of=as_of)
        assert timeline is not None
        return timeline


def on_day(day: int) -> date:
    return INFUSED_ON + timedelta(days=day)


def demo_course() -> Course:
    """A loss at day 88 confirmed at day 116, B cells back, MRD negative by two methods."""
    course = Course()
    copies, percent, cells = (
        Analyte.TRANSGENE_COPIES_PER_UG_DNA,
        Analyte.CAR_POS_PCT_OF_CD3,
        Analyte.CAR_POS_CELLS_PER_UL,
    )
    for day, value in ((3, 312), (5, 2950), (7, 14600), (10, 41300), (14, 24800), (21, 8120)):
        course.add(day, copies, float(value), lloq=60, hour=9)
    for day, value in ((28, 3270), (42, 1060), (60, 214)):
        course.add(day, copies, float(value), lloq=50)
    course.add(88, copies, BELOW, lloq=50)
    for day in (-7, 0, 116):
        course.add(day, copies, NOT_DETECTED, lloq=50)
    course.add(32, copies, 17000.0, lloq=50, excluded="wrong tube")
    course.add(35, copies, 2200.0, lloq=50, held="NTC positive")
    for day, value in ((7, 118), (10, 386), (14, 241), (21, 62), (28, 21), (42, 6.4), (60, 1.9)):
        course.add(day, cells, float(value), lloq=0.6)
    course.add(88, cells, BELOW, lloq=0.6)
    events: dict[str, float | str] = {"car_pos_events": 14, "cd3_events": 31400}
    for day, value in ((7, 18.4), (10, 36.2), (14, 27.5), (21, 9.8), (28, 3.9), (42, 1.1), (60, 0.31)):
        course.add(day, percent, float(value), lloq=0.1)
    course.add(88, percent, BELOW, lloq=0.1, basis=events)
    course.add(116, percent, NOT_DETECTED, lloq=0.1)
    b_cells = Analyte.CD19_PCT_OF_LYMPHOCYTES
    for day, value in ((-7, 8.2), (7, 0.12), (60, 0.2), (88, 3.4), (116, 9.6)):
        course.add(day, b_cells, float(value))
    for day in (14, 21, 28, 42):
        course.add(day, b_cells, NOT_DETECTED)
    mrd = Analyte.MRD_FRACTION
    course.add(-7, mrd, 0.12, where=MARROW, method=MrdMethod.FLOW)
    for day, flow, ngs in ((28, 2.5e-5, 1.1e-5), (88, 3.1e-5, 9.6e-6), (116, 2.5e-4, 1.0e-5)):
        course.add(day, mrd, NOT_DETECTED, where=MARROW, method=MrdMethod.FLOW, sensitivity=flow)
        course.add(day, mrd, NOT_DETECTED, where=MARROW, method=MrdMethod.NGS, sensitivity=ngs)
    for analyte, values in (
        (Analyte.PD1_PCT_OF_CAR_POS, (22, 34, 41, 47, 52, 58)),
        (Analyte.TIM3_PCT_OF_CAR_POS, (15, 21, 30, 33, 38, 41)),
        (Analyte.LAG3_PCT_OF_CAR_POS, (8, 12, 16, 20, 22, 25)),
    ):
        for day, value in zip((7, 14, 21, 28, 42, 60), values, strict=True):
            course.add(day, analyte, float(value))
    course.add(88, Analyte.PD1_PCT_OF_CAR_POS, ValueState.NO_RESULT)
    course.medications = [
        _drug("Flu/Cy", -5, DrugClass.LYMPHODEPLETION, -3),
        _drug("tocilizumab", 4, DrugClass.TOCILIZUMAB, None),
        _drug("dexamethasone", 5, DrugClass.STEROID, 8),
    ]
    course.assessments = [
        DiseaseAssessment(
            patient_code="DEMO-014", assessed_on=on_day(day), response_category=ResponseCategory.CR, marrow_blasts_pct=1
        )
        for day in (28, 88, 116)
    ]
    course.events = [ClinicalEvent(patient_code="DEMO-014", event_kind=EventKind.LAST_CONTACT, occurred_on=on_day(119))]
    return course


def _drug(name: str, start: int, drug_class: DrugClass, end: int | None) -> Medication:
    return Medication(
        patient_code="DEMO-014",
        drug=name,
        started_on=on_day(start),
        drug_class=drug_class,
        ended_on=on_day(end) if end is not None else None,
    )


def finding(
    rule_id: str,
    title: str,
    state: FlagState,
    *,
    days: tuple[int, int, int | None] | None = (60, 88, 116),
    evidence: tuple[Evidence, ...] = (),
    repeat_by: int | None = None,
    missing: tuple[str, ...] = (),
) -> Finding:
    left, first, confirmed = days or (None, None, None)
    return Finding(
        rule_id=rule_id,
        title=title,
        patient_code="DEMO-014",
        flag_state=state,
        sentence="Transgene below 50 copies/µg on day 88.",
        protocol_id="test",
        protocol_version="1",
        as_of=AS_OF,
        raises_flag=rule_id == "R6",
        is_labmon_definition=rule_id == "R6",
        evidence=evidence,
        missing=missing,
        bracket_left_day=left,
        bracket_right_day=first,
        confirmed_day=confirmed,
        window_end_day=184 if rule_id == "R6" else None,
        repeat_by=on_day(repeat_by) if repeat_by is not None else None,
    )


@pytest.fixture(scope="module")
def protocol() -> Protocol:
    return load_protocol("nct06389305")


@pytest.fixture(scope="module")
def spec(protocol: Protocol) -> FigureSpec:
    return drawn(demo_course(), protocol)


def drawn(
    course: Course,
    protocol: Protocol,
    *,
    findings: tuple[Finding, ...] | None = None,
    as_of: date = AS_OF,
    detail: Detail = Detail.CLINICAL,
    with_dates: bool = False,
    with_model: bool = False,
) -> FigureSpec:
    timeline = course.timeline(as_of)
    judged = evaluate(timeline, protocol) if findings is None else findings
    parameters = kinetic_parameters(timeline)
    found = model_curve(timeline)
    curve = found if with_model and isinstance(found, ModelCurve) else None
    return timeline_figure(timeline, parameters, judged, protocol, detail=detail, with_dates=with_dates, curve=curve)


def panel(spec: FigureSpec, key: PanelKey) -> Panel:
    return next(panel for panel in spec.panels if panel.key is key)


def mark(spec: FigureSpec, ref: str) -> Mark:
    return next(mark for _, _, mark in spec.marks() if mark.ref == ref)


def event(spec: FigureSpec, label: str) -> EventMark:
    return next(event for event in spec.events if label in event.label)


def test_that_panels_follow_the_clinicians_order(spec: FigureSpec) -> None:
    assert [panel.key for panel in spec.panels] == [
        PanelKey.TRANSGENE,
        PanelKey.CAR_CELLS,
        PanelKey.CAR_PERCENT,
        PanelKey.B_CELLS,
        PanelKey.MRD,
        PanelKey.EXHAUSTION,
    ]


def test_that_a_panel_without_results_is_absent(protocol: Protocol) -> None:
    course = Course()
    course.add(7, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 5000.0, lloq=50)

    assert [panel.key for panel in drawn(course, protocol).panels] == [PanelKey.TRANSGENE]


def test_that_a_patient_without_results_has_a_figure_of_events(protocol: Protocol) -> None:
    spec = drawn(Course(), protocol)

    assert spec.panels == ()
    assert "CAR-T infusion" in {event.label for event in spec.events}


def test_that_every_result_is_a_mark_with_its_id(spec: FigureSpec) -> None:
    refs = sorted(int(mark.ref) for _, _, mark in spec.marks())

    assert refs == list(range(1, len(demo_course().results) + 1))


def test_that_values_below_the_limit_stand_at_the_limit_of_their_own_run(protocol: Protocol) -> None:
    course = Course()
    course.add(7, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 5000.0, lloq=50)
    high = course.add(30, Analyte.TRANSGENE_COPIES_PER_UG_DNA, BELOW, lloq=50)
    low = course.add(60, Analyte.TRANSGENE_COPIES_PER_UG_DNA, BELOW, lloq=14)
    spec = drawn(course, protocol)

    assert [mark(spec, ref).height for ref in (high, low)] == [50, 14]
    (limit,) = panel(spec, PanelKey.TRANSGENE).limits
    assert [(step.day, step.value) for step in limit.steps] == [(7, 50), (45, 14)]


def test_that_series_below_then_quantified_then_not_detected_reads_as_it_was(protocol: Protocol) -> None:
    course = Course()
    course.add(7, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 5000.0, lloq=50)
    course.add(14, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 800.0, lloq=50)
    detected = course.add(28, Analyte.TRANSGENE_COPIES_PER_UG_DNA, BELOW, lloq=50)
    course.add(60, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 60.0, lloq=50)
    gone = course.add(90, Analyte.TRANSGENE_COPIES_PER_UG_DNA, NOT_DETECTED, lloq=50)
    spec = drawn(course, protocol)

    (series,) = panel(spec, PanelKey.TRANSGENE).series
    assert [(s.start.day, s.end.day, s.is_tentative) for s in series.segments()] == [
        (7, 14, False),
        (14, 28, True),
        (28, 60, True),
    ]
    assert mark(spec, detected).text == "<\u00a050\u00a0copies/µg (detected)"
    assert mark(spec, gone).place is MarkPlace.RUG
    assert mark(spec, gone).is_unconfirmed
    assert mark(spec, gone).label.startswith("repeat by")


def test_that_a_limit_equal_to_a_cutoff_carries_the_rule_on_one_line(spec: FigureSpec) -> None:
    transgene = panel(spec, PanelKey.TRANSGENE)

    (limit,) = transgene.limits
    assert [step.text for step in limit.steps] == ["LLOQ 50", "LLOQ 60", "LLOQ 50 · R1 50"]
    assert transgene.thresholds == ()


def test_that_a_cutoff_apart_from_the_limit_has_a_line_of_its_own(protocol: Protocol) -> None:
    course = Course()
    course.add(7, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 5000.0, lloq=5)

    (threshold,) = panel(drawn(course, protocol), PanelKey.TRANSGENE).thresholds

    assert (threshold.value, threshold.text) == (50, "R1 50 copies/µg")


def test_that_many_limits_are_stepped_but_named_once(protocol: Protocol) -> None:
    course = Course()
    for day, lloq in ((7, 0.11), (14, 0.08), (21, 0.14), (28, 0.2), (60, 0.31)):
        course.add(day, Analyte.CAR_POS_PCT_OF_CD3, 5.0, lloq=lloq)

    (limit,) = panel(drawn(course, protocol), PanelKey.CAR_PERCENT).limits

    assert [step.value for step in limit.steps] == [0.11, 0.08, 0.14, 0.2, 0.31]
    assert [step.text for step in limit.steps if step.text] == []
    assert limit.text == "LLOQ 0.08–0.31"


def test_that_limits_that_read_alike_are_named_once(protocol: Protocol) -> None:
    course = Course()
    for day, lloq in ((7, 0.05), (14, 0.0502), (21, 0.05), (28, 0.0498), (60, 0.05)):
        course.add(day, Analyte.CAR_POS_PCT_OF_CD3, 5.0, lloq=lloq)

    (limit,) = panel(drawn(course, protocol), PanelKey.CAR_PERCENT).limits

    assert [step.text for step in limit.steps if step.text] == ["LLOQ 0.05\u00a0%"]
    assert len(limit.steps) == 5


def test_that_excluded_and_held_results_stay_visible_with_their_reason(spec: FigureSpec) -> None:
    transgene = panel(spec, PanelKey.TRANSGENE)
    excluded = next(mark for _, mark in transgene.marks() if mark.is_excluded)
    held = next(mark for _, mark in transgene.marks() if mark.is_held)

    assert excluded.text == "17\u2009000\u00a0copies/µg (excluded: wrong tube)"
    assert held.text == "2200\u00a0copies/µg (held: NTC positive)"
    assert excluded.place is held.place is MarkPlace.AXIS


def test_that_a_result_awaiting_verification_is_drawn_held(protocol: Protocol) -> None:
    course = Course()
    ref = course.add(7, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 5000.0, lloq=50)
    course.results[0] = replace(course.results[0], released_at=None, released_by=None)

    found = mark(drawn(course, protocol), ref)

    assert found.is_held
    assert found.note == "held: awaits verification"


def test_that_blood_and_marrow_are_separate_series_and_never_joined(protocol: Protocol) -> None:
    course = Course()
    for day in (7, 28):
        course.add(day, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 5000.0, lloq=50)
        course.add(day, Analyte.TRANSGENE_COPIES_PER_UG_DNA, 9000.0, lloq=50, where=MARROW)

    found = panel(drawn(course, protocol), PanelKey.TRANSGENE)

    assert [(series.end_label, series.line) for series in found.series] == [
        ("blood", LineStyle.SOLID),
        ("marrow", LineStyle.NONE),
    ]
    assert "blood and marrow" in found.unit


def test_that_the_persistence_interval_is_shaded_with_its_days(spec: FigureSpec) -> None:
    (shade,) = panel(spec, PanelKey.TRANSGENE).shades

    assert (shade.left_day, shade.right_day) == (60, 88)
    assert shade.lines == ("lost in", "(60, 88]")


def test_that_an_unconfirmed_loss_is_not_called_lost(protocol: Protocol) -> None:
    course = Course()
    for day, value in ((7, 5000.0), (28, 300.0)):
        course.add(day, Analyte.TRANSGENE_COPIES_PER_UG_DNA, value, lloq=50)
    course.add(60, Analyte.TRANSGENE_COPIES_PER_UG_DNA, NOT_DETECTED, lloq=50)

    (shade,) = panel(drawn(course, protocol), PanelKey.TRANSGENE).shades

    assert (shade.left_day, shade.right_day) == (28, 60)
    assert shade.lines == ("unconfirmed", "loss")


def test_that_cmax_is_named_at_its_mark(spec: FigureSpec) -> None:
    (callout,) = panel(spec, PanelKey.TRANSGENE).callouts

    assert (callout.day, callout.value) == (10, 41300)
    assert callout.text == "41\u2009300 · day 10"


def test_that_a_withheld_cmax_is_not_drawn(protocol: Protocol) -> None:
    course = Course()
    course.add(7, Analyte.TRANSGENE_COPIES_PER_UG_DNA, BELOW, lloq=50)

    assert panel(drawn(course, protocol), PanelKey.TRANSGENE).callouts == ()


def test_that_the_recovery_threshold_matches_the_denominator_drawn(protocol: Protocol) -> None:
    course = Course()
    course.add(28, Analyte.CD19_PCT_OF_WBC, 0.4)
    (wbc,) = panel(drawn(course, protocol), PanelKey.B_CELLS).thresholds
    course.add(28, Analyte.CD19_PCT_OF_LYMPHOCYTES, 0.9)
    (lymphocytes,) = panel(drawn(course, protocol, findings=()), PanelKey.B_CELLS).thresholds

    assert wbc.text == "R2 recovery ≥ 1\u00a0% of WBC"
    assert lymphocytes.text == "R2 recovery ≥ 3\u00a0% of lymphocytes"


def test_that_the_denominator_the_finding_rests_on_is_drawn(protocol: Protocol) -> None:
    course = Course()
    course.add(28, Analyte.CD19_PCT_OF_LYMPHOCYTES, 0.9)
    ref = course.add(28, Analyte.CD19_PCT_OF_WBC, 1.4)
    recovery = finding(
        "R2", "B-cell recovery", FlagState.MET, evidence=(Evidence(text="", role="", result_id=int(ref)),)
    )

    spec = drawn(course, protocol, findings=(recovery,))

    assert panel(spec, PanelKey.B_CELLS).unit.startswith("CD19+, % of WBC")
    assert spec.omissions == ("CD19+ of lymphocytes",)


def test_that_everything_measured_can_be_drawn(protocol: Protocol) -> None:
    course = demo_course()
    course.add(28, Analyte.TRANSGENE_COPIES_PER_UL_BLOOD, 90.0, lloq=5)
    course.add(28, Analyte.CD19_CELLS_PER_UL, 4.0)

    clinical, everything = drawn(course, protocol), drawn(course, protocol, detail=Detail.ALL)

    assert clinical.omissions == ("CD19+ cells, Transgene per µL blood",)
    assert everything.omissions == ()
    assert len(everything.panels) == len(clinical.panels) + 2


def test_that_a_negative_mrd_stands_at_the_sensitivity_it_earned(spec: FigureSpec) -> None:
    mrd = panel(spec, PanelKey.MRD)
    heights = {(series.key, mark.day): mark.height for series, mark in mrd.marks()}

    assert heights[SeriesKey.MRD_FLOW, 88] == 3.1e-5
    assert heights[SeriesKey.MRD_NGS, 88] == 9.6e-6
    assert [threshold.text for threshold in mrd.thresholds] == ["claim line 10⁻⁴"]
    readout = mrd.readout(88)
    assert readout is not None
    assert readout.text == "not detected: F 3.1·10⁻⁵, N 9.6·10⁻⁶"


def test_that_a_negative_worse_than_the_claim_says_that_it_cannot_claim(spec: FigureSpec) -> None:
    (weak,) = [mark for _, mark in panel(spec, PanelKey.MRD).marks() if not mark.earns_claim]

    assert weak.day == 116
    assert weak.label == "F 2.5·10⁻⁴: cannot claim"
    assert "cannot claim" in weak.text


def test_that_a_negative_of_unknown_sensitivity_stands_in_the_strip(protocol: Protocol) -> None:
    course = Course()
    ref = course.add(28, Analyte.MRD_FRACTION, NOT_DETECTED, where=MARROW, method=MrdMethod.RQ_PCR)

    found = mark(drawn(course, protocol), ref)

    assert found.place is MarkPlace.RUG
    assert found.text == "RQ-PCR not detected, sensitivity unknown"


def test_that_a_positive_mrd_is_written_in_percent_or_powers_of_ten(protocol: Protocol) -> None:
    course = Course()
    high = course.add(-7, Analyte.MRD_FRACTION, 0.12, where=MARROW, method=MrdMethod.FLOW)
    low = course.add(60, Analyte.MRD_FRACTION, 3e-4, where=BLOOD, method=MrdMethod.NGS)
    spec = drawn(course, protocol)

    assert mark(spec, high).text == "flow 12\u00a0%"
    assert mark(spec, low).text == "NGS blood 3·10⁻⁴"


def test_that_exhaustion_markers_are_supporting_and_named_at_their_ends(spec: FigureSpec) -> None:
    found = panel(spec, PanelKey.EXHAUSTION)

    assert found.remark == "supporting, not a trigger"
    assert found.thresholds == ()
    assert [series.end_label for series in found.series] == ["PD-1", "TIM-3", "LAG-3"]
    assert len({(series.symbol, series.line) for series in found.series}) == 3


def test_that_flow_below_its_limit_tells_its_events(spec: FigureSpec) -> None:
    readout = panel(spec, PanelKey.CAR_PERCENT).readout(88)

    assert readout is not None
    assert readout.text == "<\u00a00.1\u00a0% (14 of 31\u2009400 events)"


def test_that_a_flag_for_review_leads_the_ribbons(protocol: Protocol) -> None:
    findings = (
        finding("R1", "Transgene loss", FlagState.MET),
        finding("R4", "MRD", FlagState.NOT_MET, days=None),
        finding("R6", "Early functional loss", FlagState.MET),
    )
    spec = drawn(demo_course(), protocol, findings=findings)

    assert [(ribbon.rule_id, ribbon.symbol) for ribbon in spec.ribbons] == [
        ("R6", RibbonSymbol.FLAG),
        ("R1", RibbonSymbol.MET),
    ]
    flag, loss = spec.ribbons
    assert flag.words == "for review · d\u00a088 is inside the window"
    assert loss.words == "met · first d\u00a088, confirmed d\u00a0116"
    assert (loss.last_good_day, loss.first_day, loss.confirmed_day) == (60, 88, 116)
    assert spec.window_end is not None
    assert spec.window_end.day == 184
    assert spec.last_day > 184


def test_that_a_flag_that_cannot_be_judged_names_what_is_missing(protocol: Protocol) -> None:
    missing = finding("R6", "Early functional loss", FlagState.NOT_EVALUABLE, missing=("extramedullary status",))

    (ribbon,) = drawn(demo_course(), protocol, findings=(missing,)).ribbons

    assert ribbon.symbol is RibbonSymbol.NOT_EVALUABLE
    assert ribbon.words == "not evaluable: extramedullary status"


def test_that_an_unconfirmed_finding_says_until_when_to_repeat(protocol: Protocol) -> None:
    waiting = finding("R1", "Transgene loss", FlagState.UNCONFIRMED, days=(60, 88, None), repeat_by=124)

    (ribbon,) = drawn(demo_course(), protocol, findings=(waiting,)).ribbons

    assert ribbon.words == "unconfirmed · first d\u00a088, repeat by d\u00a0124"
    assert ribbon.confirmed_day is None


def test_that_drugs_are_bars_when_their_end_is_known_and_signs_otherwise(spec: FigureSpec) -> None:
    steroid, once = event(spec, "dexamethasone"), event(spec, "tocilizumab")

    assert (steroid.lane, steroid.glyph, steroid.day, steroid.end_day) == (
        EventLane.STEROIDS,
        Glyph.HATCHED_BAR,
        5,
        8,
    )
    assert (once.lane, once.glyph, once.end_day) == (EventLane.DRUGS, Glyph.DIAMOND, None)


def test_that_the_infusion_relapse_and_death_cut_through_all_panels(protocol: Protocol) -> None:
    course = demo_course()
    course.events += [
        ClinicalEvent(patient_code="DEMO-014", event_kind=kind, occurred_on=on_day(day))
        for kind, day in ((EventKind.RELAPSE, 100), (EventKind.HSCT, 110), (EventKind.DEATH, 118))
    ]
    spec = drawn(course, protocol)

    assert {event.label for event in spec.events if event.is_landmark} == {"CAR-T infusion", "relapse", "HSCT", "death"}
    assert not any("no relapse" in event.label or "none recorded" in event.label for event in spec.events)


def test_that_what_was_looked_for_and_not_found_is_said(spec: FigureSpec) -> None:
    assert event(spec, "no relapse").label == "CR · no relapse to d\u00a0116"
    assert event(spec, "none recorded").glyph is Glyph.NONE


def test_that_study_cells_have_one_sign_whatever_the_arm(protocol: Protocol) -> None:
    course = demo_course()
    course.infusions.append(
        Infusion(
            patient_code="DEMO-014",
            infused_on=on_day(100),
            infusion_kind=InfusionKind.STUDY_CELLS,
            product="a product that would name an arm",
        )
    )

    found = event(drawn(course, protocol), "study cells")

    assert (found.label, found.glyph) == ("study cells", Glyph.DIAMOND)


def test_that_nothing_after_the_as_of_day_is_drawn(protocol: Protocol) -> None:
    spec = drawn(demo_course(), protocol, as_of=on_day(30))

    assert max(mark.day for _, _, mark in spec.marks()) <= 30
    assert all(event.day <= 42 for event in spec.events)
    assert "last contact" not in {event.label for event in spec.events}
    assert spec.today is not None
    assert spec.today.text == "as of d\u00a030"


def test_that_a_long_silence_does_not_squeeze_the_course(protocol: Protocol) -> None:
    spec = drawn(demo_course(), protocol, as_of=on_day(1500))

    assert spec.today is None
    assert spec.last_day < 300


def test_that_early_baselines_are_left_out_and_counted(protocol: Protocol) -> None:
    course = demo_course()
    course.add(-90, Analyte.CD19_PCT_OF_LYMPHOCYTES, 12.0)
    spec = drawn(course, protocol)

    assert spec.first_day == -28
    assert spec.omissions == ("1 result before day −28",)


def test_that_calendar_dates_appear_only_where_they_may(protocol: Protocol, spec: FigureSpec) -> None:
    dated = drawn(demo_course(), protocol, with_dates=True)

    assert {row.date for row in spec.table()} == {None}
    assert mark(dated, "1").date == on_day(3)
    assert all(row.date is not None for row in dated.table())


def test_that_the_table_shows_exactly_the_marks(spec: FigureSpec) -> None:
    rows = [row for row in spec.table() if row.panel != "Events"]

    assert sorted(row.ref for row in rows) == sorted(mark.ref for _, _, mark in spec.marks())
    by_ref = {row.ref: row for row in rows}
    for _, _, found in spec.marks():
        assert by_ref[found.ref].value_text == found.text
        assert by_ref[found.ref].run == found.run


def test_that_a_sparkline_keeps_the_state_of_every_value() -> None:
    points = sparkline_points(demo_course().timeline())

    assert points[-1] == (116, None, NOT_DETECTED)
    assert points[-2][2] is BELOW
    assert points[-2][1] == pytest.approx(1.69897)
    assert all(state is not ValueState.QUANTIFIED or log10 is not None for _, log10, state in points)


def test_that_a_model_is_drawn_beside_the_transgene_only_and_explained_in_the_key(protocol: Protocol) -> None:
    figure = drawn(demo_course(), protocol, with_model=True)

    assert [PanelKey.TRANSGENE] == [each.key for each in figure.panels if each.model is not None]
    assert KeyEntry.MODEL in figure.key_entries
    assert figure.model is not None
    assert "model-assisted, population-informed" == figure.model.text
    assert all(low <= value <= high for low, value, high in zip(*_heights(figure.model), strict=True))
    without = drawn(demo_course(), protocol)
    assert without.model is None
    assert KeyEntry.MODEL not in without.key_entries
    assert [each.axis for each in without.panels] == [each.axis for each in figure.panels]


def _heights(model: ModelLine) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    return model.low, model.values, model.high


def test_that_the_key_says_when_the_model_falls_below_the_lloq(protocol: Protocol) -> None:
    course = Course()
    for day, value in ((3, 312), (7, 14600), (10, 41300), (14, 24800), (21, 4120), (28, 1270), (42, 300), (60, 90)):
        course.add(day, Analyte.TRANSGENE_COPIES_PER_UG_DNA, float(value), lloq=50)
    model = drawn(course, protocol, with_model=True).model

    assert model is not None
    words = model.text.replace("\u00a0", " ")
    assert re.search(r"; below 50 copies/µg from day \d+, 95 % interval day \d+ to (beyond day 730|day \d+)$", words)
