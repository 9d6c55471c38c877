"""An invented patient's figure with every kind of mark, for the tests of figures and of their drawing."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from labmon.domain import wording
from labmon.domain.quantity import ValueState
from labmon.reports.figures import (
    Callout,
    DayMarker,
    EventLane,
    EventMark,
    FigureSpec,
    Glyph,
    Limit,
    LimitStep,
    LineStyle,
    Mark,
    Panel,
    PanelKey,
    Ribbon,
    RibbonSymbol,
    Series,
    SeriesKey,
    Shade,
    Side,
    Symbol,
    Threshold,
    linear_axis,
    log_axis,
)
from labmon_ui.palette import LIGHT
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.plotting.ink import ensure_fonts

Q, B, N = ValueState.QUANTIFIED, ValueState.DETECTED_BELOW_LLOQ, ValueState.NOT_DETECTED


def quantified(prefix: str, unit: str, values: dict[float, float], lloq: float) -> list[Mark]:
    return [
        Mark(
            ref=f"{prefix}-{day:g}",
            day=day,
            state=Q,
            value=value,
            text=f"{wording.number(value)} {unit}",
            lloq=lloq,
            lloq_text=f"{lloq:g} {unit}",
            run="QPCR-0417",
        )
        for day, value in values.items()
    ]


def below(prefix: str, unit: str, day: float, lloq: float) -> Mark:
    text = f"< {lloq:g} {unit} (detected)"
    return Mark(ref=f"{prefix}-{day:g}", day=day, state=B, limit=lloq, lloq=lloq, text=text, run="QPCR-0417")


def nothing(prefix: str, days: tuple[float, ...]) -> list[Mark]:
    return [Mark(ref=f"{prefix}-{day:g}", day=day, state=N, text="not detected") for day in days]


def transgene_panel() -> Panel:
    values = {3: 312, 5: 2950, 7: 14600, 10: 41300, 14: 24800, 21: 8120, 28: 3270, 42: 1060, 60: 214}
    marks = quantified("tg", "copies/µg", {float(k): float(v) for k, v in values.items()}, 50)
    marks += [below("tg", "copies/µg", 88, 50), *nothing("tg", (-7, 0, 116))]
    marks.append(
        Mark(
            ref="tg-excluded",
            day=32.5,
            state=Q,
            value=17000,
            text="17\u2009000 copies/µg (excluded: wrong tube)",
            is_excluded=True,
            label="excluded",
            note="wrong tube",
        )
    )
    return Panel(
        key=PanelKey.TRANSGENE,
        title="Transgene",
        unit="copies/µg DNA · blood, qPCR",
        axis=log_axis([*values.values(), 50]),
        series=(
            Series(
                key=SeriesKey.TRANSGENE,
                name="Transgene",
                symbol=Symbol.CIRCLE,
                line=LineStyle.SOLID,
                marks=tuple(marks),
            ),
        ),
        limits=(
            Limit(
                key=SeriesKey.TRANSGENE,
                steps=(
                    LimitStep(day=-7, value=60, text="LLOQ 60"),
                    LimitStep(day=24.5, value=50, text="LLOQ 50 · R1 50"),
                ),
            ),
        ),
        shades=(Shade(left_day=60, right_day=88, key=SeriesKey.TRANSGENE, lines=("lost in", "(60, 88]")),),
        callouts=(
            Callout(
                day=10, value=41300, key=SeriesKey.TRANSGENE, name="C", subscript="max", text="41\u2009300 · day 10"
            ),
        ),
    )


def flow_panels() -> list[Panel]:
    cells = {7.0: 118.0, 10.0: 386.0, 14.0: 241.0, 21.0: 62.0, 28.0: 21.0, 42.0: 6.4, 60.0: 1.9}
    percent = {7.0: 18.4, 10.0: 36.2, 14.0: 27.5, 21.0: 9.8, 28.0: 3.9, 42.0: 1.1, 60.0: 0.31}
    b_cells = {-7.0: 8.2, 7.0: 0.12, 60.0: 0.2, 88.0: 3.4, 116.0: 9.6}
    return [
        Panel(
            key=PanelKey.CAR_CELLS,
            title="CAR+ T cells",
            unit="cells/µL · blood, flow",
            axis=log_axis([*cells.values(), 0.6], headroom=2),
            series=(
                Series(
                    key=SeriesKey.CAR_CELLS,
                    name="CAR+ T cells",
                    symbol=Symbol.SQUARE,
                    line=LineStyle.SOLID,
                    marks=(
                        *quantified("cells", "cells/µL", cells, 0.6),
                        below("cells", "cells/µL", 88, 0.6),
                        *nothing("cells", (-7, 116)),
                    ),
                ),
            ),
            limits=(Limit(key=SeriesKey.CAR_CELLS, steps=(LimitStep(day=-7, value=0.6, text="LLOQ 0.6"),)),),
        ),
        Panel(
            key=PanelKey.CAR_PERCENT,
            title="CAR+ T cells",
            unit="% of CD3+",
            axis=log_axis([*percent.values(), 0.1], headroom=2),
            series=(
                Series(
                    key=SeriesKey.CAR_PERCENT,
                    name="CAR+ of CD3+",
                    symbol=Symbol.TRIANGLE,
                    line=LineStyle.DASH,
                    marks=(
                        *quantified("pct", "%", percent, 0.1),
                        Mark(
                            ref="pct-88",
                            day=88,
                            state=B,
                            limit=0.1,
                            lloq=0.1,
                            text="< 0.1 % (14 of 31\u2009400 events)",
                        ),
                        *nothing("pct", (-7, 116)),
                    ),
                ),
            ),
            limits=(Limit(key=SeriesKey.CAR_PERCENT, steps=(LimitStep(day=-7, value=0.1, text="LLOQ 0.1 % · R1f"),)),),
        ),
        Panel(
            key=PanelKey.B_CELLS,
            title="B cells",
            unit="CD19+, % of lymphocytes",
            axis=log_axis([*b_cells.values(), 3], headroom=2),
            series=(
                Series(
                    key=SeriesKey.B_CELLS,
                    name="CD19+ of lymphocytes",
                    symbol=Symbol.DIAMOND,
                    line=LineStyle.DASH_DOT,
                    marks=(*quantified("b", "%", b_cells, 0.05), *nothing("b", (14, 21, 28, 42))),
                ),
            ),
            thresholds=(
                Threshold(value=3, text="R2 recovery ≥ 3 % of lymphocytes", key=SeriesKey.B_CELLS, tinted=Side.ABOVE),
            ),
        ),
    ]


def negative(ref: str, day: float, sensitivity: float, letter: str, *, earns_claim: bool = True) -> Mark:
    return Mark(
        ref=ref,
        day=day,
        state=N,
        limit=sensitivity,
        lead="not detected",
        short=f"{letter} {wording.fraction(sensitivity)}",
        text=f"not detected: {letter} {wording.fraction(sensitivity)}",
        letter=letter,
        label="" if earns_claim else f"{letter} {wording.fraction(sensitivity)}: cannot claim",
        earns_claim=earns_claim,
    )


def mrd_panel() -> Panel:
    flow = (
        Mark(ref="mrd-f-7", day=-7, state=Q, value=0.12, text="flow 12 %", label="flow 12 %"),
        negative("mrd-f28", 28, 2.5e-5, "F"),
        negative("mrd-f88", 88, 3.1e-5, "F"),
        negative("mrd-f116", 116, 2.5e-4, "F", earns_claim=False),
    )
    ngs = (
        negative("mrd-n28", 28, 1.1e-5, "N"),
        negative("mrd-n88", 88, 9.6e-6, "N"),
        negative("mrd-n116", 116, 1.0e-5, "N"),
    )
    return Panel(
        key=PanelKey.MRD,
        title="MRD",
        unit="fraction, by method · marrow",
        axis=log_axis([4e-7, 0.12], powers=True, headroom=4),
        series=(
            Series(key=SeriesKey.MRD_FLOW, name="flow", symbol=Symbol.SQUARE, line=LineStyle.NONE, marks=flow),
            Series(key=SeriesKey.MRD_NGS, name="NGS", symbol=Symbol.DIAMOND, line=LineStyle.NONE, marks=ngs),
        ),
        thresholds=(Threshold(value=1e-4, text="claim line 10⁻⁴"),),
    )


def exhaustion_panel() -> Panel:
    days = (7.0, 14.0, 21.0, 28.0, 42.0, 60.0)
    trends = {
        ("PD-1", Symbol.CIRCLE, LineStyle.SOLID): (22, 34, 41, 47, 52, 58),
        ("TIM-3", Symbol.TRIANGLE, LineStyle.DASH): (15, 21, 30, 33, 38, 41),
        ("LAG-3", Symbol.PLUS, LineStyle.DOT): (8, 12, 16, 20, 22, 25),
    }
    series = []
    for (name, symbol, line), values in trends.items():
        marks = [
            Mark(ref=f"{name}-{day:g}", day=day, state=Q, value=float(value), text=f"{name} {value} %")
            for day, value in zip(days, values, strict=True)
        ]
        if name == "PD-1":
            marks.append(
                Mark(ref="PD-1-88", day=88, state=ValueState.NO_RESULT, text="not evaluable: < 22 CAR+ events")
            )
        series.append(
            Series(key=SeriesKey.EXHAUSTION, name=name, symbol=symbol, line=line, marks=tuple(marks), end_label=name)
        )
    return Panel(
        key=PanelKey.EXHAUSTION,
        title="Exhaustion markers",
        unit="% of CAR+ T cells",
        remark="supporting, not a trigger",
        axis=linear_axis([58], step=30),
        series=tuple(series),
    )


def events() -> tuple[EventMark, ...]:
    return (
        EventMark(
            ref="e-infusion",
            lane=EventLane.CELLS,
            glyph=Glyph.INFUSION,
            day=0,
            label="CAR-T infusion",
            is_landmark=True,
        ),
        EventMark(ref="e-hsct", lane=EventLane.CELLS, glyph=Glyph.NONE, day=90, label="HSCT: none recorded to d 121"),
        EventMark(ref="e-flucy", lane=EventLane.DRUGS, glyph=Glyph.BAR, day=-5, end_day=-2, label="Flu/Cy"),
        EventMark(ref="e-toci", lane=EventLane.DRUGS, glyph=Glyph.DIAMOND, day=4, label="tocilizumab"),
        EventMark(
            ref="e-dexa",
            lane=EventLane.STEROIDS,
            glyph=Glyph.HATCHED_BAR,
            day=5,
            end_day=8,
            label="dexamethasone d 5–8",
        ),
        EventMark(ref="e-cr28", lane=EventLane.DISEASE, glyph=Glyph.REMISSION, day=28, label="CR, MRD negative"),
        EventMark(ref="e-cr88", lane=EventLane.DISEASE, glyph=Glyph.REMISSION, day=88, label="CR"),
        EventMark(ref="e-cr116", lane=EventLane.DISEASE, glyph=Glyph.REMISSION, day=116, label="CR"),
        EventMark(ref="e-none", lane=EventLane.DISEASE, glyph=Glyph.NONE, day=137, label="no relapse to d 116"),
    )


def demo_figure() -> FigureSpec:
    return FigureSpec(
        title="DEMO-014",
        first_day=-7,
        last_day=190,
        panels=(transgene_panel(), *flow_panels(), mrd_panel(), exhaustion_panel()),
        ribbons=(
            Ribbon(
                ref="R6",
                rule_id="R6",
                title="Early functional loss (labmon definition)",
                words="for review · d 88 is inside the window",
                symbol=RibbonSymbol.FLAG,
                last_good_day=60,
                first_day=88,
                confirmed_day=116,
            ),
            Ribbon(
                ref="R1",
                rule_id="R1",
                title="Transgene loss",
                words="met · first d 88, confirmed d 116",
                symbol=RibbonSymbol.MET,
                last_good_day=60,
                first_day=88,
                confirmed_day=116,
            ),
            Ribbon(
                ref="R2",
                rule_id="R2",
                title="B-cell recovery",
                words="met · first d 88, confirmed d 116 · early stratum",
                symbol=RibbonSymbol.MET,
                last_good_day=60,
                first_day=88,
                confirmed_day=116,
            ),
        ),
        events=events(),
        today=DayMarker(day=121, text="today, d 121"),
        window_end=DayMarker(day=184, text="window ends d 184"),
    )


@pytest.fixture(scope="session")
def figure() -> FigureSpec:
    """An invented patient with a confirmed loss on day 88; every kind of panel."""
    return demo_figure()


@pytest.fixture
def canvas(qtbot: QtBot, figure: FigureSpec) -> TimelineCanvas:
    """The figure on a canvas of the designed size, shown, in the light palette."""
    ensure_fonts()
    made = TimelineCanvas(LIGHT)
    qtbot.addWidget(made)
    made.resize(792, 768)
    made.show()
    made.set_spec(figure)
    return made
