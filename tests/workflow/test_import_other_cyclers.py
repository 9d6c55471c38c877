"""Runs of other cyclers than QuantStudio and of RDML files on their way to accepted results."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import log, log10

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.quantity import ValueState
from labmon.domain.result import Result
from labmon.domain.run import Acceptance, CheckOutcome

from .conftest import Laboratory

REACTION = Analyte.TRANSGENE_COPIES_PER_REACTION
SLOPE, INTERCEPT = -3.34, 38.5
SAMPLES: Mapping[str, float | None] = {"P-001-D014": 800.0, "P-001-D028": None, "P-002-D014": 3000.0}
CONTROLS = {"PC low": 200.0, "PC high": 20_000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    name: str
    role: str
    """"standard", "ntc", "positive" or "unknown"."""
    copies: float | None

    @property
    def cq(self) -> str:
        return "" if self.copies is None else f"{INTERCEPT + SLOPE * log10(self.copies):.2f}"


def tubes(ntc: float | None = None) -> Iterator[Tube]:
    """Standards and controls in duplicate, samples in triplicate; `ntc` is what was found in the one without DNA."""
    for level in range(1, 7):
        for _ in range(2):
            yield Tube(name=f"STD {level}", role="standard", copies=10.0**level)
    yield Tube(name="NTC", role="ntc", copies=ntc)
    for name, copies in CONTROLS.items():
        for _ in range(2):
            yield Tube(name=name, role="positive", copies=copies)
    for name, found in SAMPLES.items():
        for _ in range(3):
            yield Tube(name=name, role="unknown", copies=found)


def rotorgene(*, unit: str = "Copies", ntc: float | None = None, printed: bool = True) -> bytes:
    types = {"standard": "Standard", "ntc": "NTC", "positive": "Positive Control", "unknown": "Unknown"}
    lines = [
        "Excel Analysed Data Export",
        "File,CAR 2026-02-10 (1).rex",
        "Date,2/10/2026",
        "Time,9:10:00 AM",
        "Machine Serial No,0117203",
        "",
        "Quantitative analysis of Cycling A.Green (CAR)",
        "",
        *((f"M,{SLOPE}", f"B,{INTERCEPT}", "R^2 Value,0.9991", "") if printed else ()),
        f"No.,Color,Name,Type,Ct,Ct Comment,Given Conc ({unit}),Calc Conc ({unit}),% Var,Rep. Ct",
    ]
    for number, tube in enumerate(tubes(ntc), 1):
        given = f"{tube.copies:g}" if tube.role == "standard" else ""
        computed = f"{tube.copies:.1f}" if printed and tube.copies is not None else ""
        comment = "NEG (NTC)" if tube.role == "ntc" and tube.copies is None else ""
        lines.append(f"{number},255,{tube.name},{types[tube.role]},{tube.cq},{comment},{given},{computed},,")
    return ("\r\n".join(lines) + "\r\n").encode()


def rdml(*, unit: str = "cop", ntc: float | None = None) -> bytes:
    types = {"standard": "std", "ntc": "ntc", "positive": "pos", "unknown": "unkn"}
    declared = {tube.name: tube for tube in tubes(ntc)}
    samples = "".join(
        f'<sample id="{name}"><type>{types[tube.role]}</type>'
        + (f"<quantity><value>{tube.copies}</value><unit>{unit}</unit></quantity>" if tube.role == "standard" else "")
        + "</sample>\n"
        for name, tube in declared.items()
    )
    curve = "<adp><cyc>45</cyc><tmp>60</tmp><fluor>1</fluor></adp>"
    reacts = "".join(
        f'<react id="{number}"><sample id="{tube.name}"/><data><tar id="CAR"/><cq>{tube.cq or "NaN"}</cq>{curve}</data>'
        "</react>\n"
        for number, tube in enumerate(tubes(ntc), 1)
    )
    return (
        f'<rdml version="1.2" xmlns="http://www.rdml.org">\n{samples}<target id="CAR"/><experiment id="E">'
        "<run id='CAR 0210'><pcrFormat><rows>8</rows><columns>12</columns><rowLabel>ABC</rowLabel>"
        f"<columnLabel>123</columnLabel></pcrFormat><runDate>2026-02-10T09:10:00</runDate>\n{reacts}</run>"
        "</experiment></rdml>\n"
    ).encode()


def lightcycler(*, ntc: float | None = None) -> bytes:
    lines = [
        "Experiment: CAR 0210  Selected Filter: CAR",
        "Include\tColor\tPos\tName\tCp\tConcentration\tStandard\tStatus",
    ]
    for number, tube in enumerate(tubes(ntc)):
        position = f"{'ABCDEFGH'[number // 12]}{number % 12 + 1}"
        given = f"{tube.copies:.2E}" if tube.role == "standard" else "0"
        computed = f"{tube.copies:.3E}" if tube.copies is not None else ""
        lines.append(f"True\t255\t{position}\t{tube.name}\t{tube.cq}\t{computed}\t{given}\t")
    return ("\r\n".join(lines) + "\r\n").encode()


def cfx(*, ntc: float | None = None, roles: bool = True) -> bytes:
    """All wells of a CFX; without `roles` every well that is no standard has the content of an unknown."""
    contents = {"standard": "Std", "ntc": "NTC", "positive": "Pos Ctrl", "unknown": "Unkn"}
    lines = [
        "File Name,CAR 0210.pcrd",
        "Created By User,someone",
        "Run Started,02/10/2026 09:10:00 UTC",
        "CFX Maestro Version,4.1.2433.1219. ",
        "",
        "",
        "Well,Fluor,Target,Content,Sample,Cq,Starting Quantity (SQ),Cq Mean,Cq Std. Dev",
    ]
    for number, tube in enumerate(tubes(ntc)):
        position = f"{'ABCDEFGH'[number // 12]}{number % 12 + 1:02}"
        content = contents[tube.role] if roles or tube.role == "standard" else "Unkn"
        found = f"{tube.cq},{tube.copies:.6g}" if tube.copies is not None else "NaN,NaN"
        lines.append(f"{position},FAM,CAR,{content},{tube.name},{found},{tube.cq or '0'},0")
    return ("\r\n".join(lines) + "\r\n").encode()


def stepone(*, ntc: float | None = None, roles: bool = True) -> bytes:
    """A StepOne table; its software calls a positive control an unknown, and knows it by its name only."""
    tasks = {"standard": "STANDARD", "ntc": "NTC" if roles else "UNKNOWN", "positive": "UNKNOWN", "unknown": "UNKNOWN"}
    lines = [
        "Block Type,96well",
        "Experiment File Name,D:\\Runs\\CAR 0210.eds",
        "Experiment Run End Time,2026-02-10 11:10:00 AM UTC",
        "Instrument Type,steponeplus",
        "",
        "Well,Sample Name,Target Name,Task,Reporter,C\u0442,Quantity,Slope,Y-Intercept,R\u00b2",
    ]
    for number, tube in enumerate(tubes(ntc)):
        position = f"{'ABCDEFGH'[number // 12]}{number % 12 + 1}"
        copies = f"{tube.copies:.6g}" if tube.copies is not None else ""
        cq = tube.cq or "Undetermined"
        lines.append(f"{position},{tube.name},CAR,{tasks[tube.role]},FAM,{cq},{copies},{SLOPE},{INTERCEPT},0.999")
    lines += ["", "Analysis Type,Singleplex", "Endogenous Control,", "RQ Min/Max Confidence Level,95.0"]
    return ("\r\n".join(lines) + "\r\n").encode()


def sds(*, ntc: float | None = None) -> bytes:
    tasks = {"standard": "Standard", "ntc": "NTC", "positive": "Unknown", "unknown": "Unknown"}
    lines = ["SDS 2.3\tAQ Results\t1.0", "Run DateTime\t2/13/26 9:10:00 AM", ""]
    lines.append("Well\tSample Name\tDetector Name\tReporter\tTask\tCt\tQuantity\t")
    for number, tube in enumerate(tubes(ntc), 1):
        copies = f"{tube.copies:.6g}" if tube.copies is not None else ""
        lines.append(f"{number}\t{tube.name}\tCAR\tFAM\t{tasks[tube.role]}\t{tube.cq or 'Undetermined'}\t{copies}\t")
    return ("\r".join(lines) + "\r").encode()


FILES: Mapping[str, Callable[..., bytes]] = {
    "run.csv": rotorgene,
    "run.rdml": rdml,
    "run.txt": lightcycler,
    "cfx.csv": cfx,
    "stepone.csv": stepone,
    "sds.txt": sds,
}


def held_reason(result: Result) -> str:
    return result.draft.held_reason or ""


@pytest.mark.parametrize("name", FILES)
def test_that_a_run_with_its_curve_and_controls_is_accepted_and_gives_its_results(lab: Laboratory, name: str) -> None:
    plan = lab.plan(name, FILES[name]())
    (run,) = plan.runs
    assert (Acceptance.ACCEPTED, []) == (
        run.acceptance,
        [each for each in run.checks if each.outcome is not CheckOutcome.PASSED],
    )
    checks = {check.check_id for check in run.checks}
    assert {"ntc_outcome", "control:low", "control:high", "standard_levels", "curve_slope"} <= checks

    lab.bring(name, FILES[name]())

    assert lab.one("P-001-D014", REACTION).quantity.value == pytest.approx(800, rel=0.02)
    assert lab.one("P-002-D014", REACTION).quantity.value == pytest.approx(3000, rel=0.02)
    assert ValueState.NOT_DETECTED is lab.one("P-001-D028", REACTION).quantity.state
    assert "" == held_reason(lab.one("P-001-D014", REACTION))


@pytest.mark.parametrize("name", FILES)
def test_that_a_signal_in_the_well_without_template_holds_the_run(lab: Laboratory, name: str) -> None:
    plan = lab.plan(name, FILES[name](ntc=500.0))

    (run,) = plan.runs
    assert Acceptance.HELD is run.acceptance
    assert ["ntc_outcome"] == [check.check_id for check in run.checks if check.outcome is not CheckOutcome.PASSED]


@pytest.mark.parametrize("unit", ["copies/µl", "copies/ml", "IU/ml"])
def test_that_a_unit_of_the_heading_the_assay_does_not_know_holds_every_value(lab: Laboratory, unit: str) -> None:
    lab.bring("run.csv", rotorgene(unit=unit))

    for specimen in ("P-001-D014", "P-002-D014"):
        assert unit in held_reason(lab.one(specimen, REACTION))


@pytest.mark.parametrize(
    ("name", "content", "unit"),
    [
        ("run.csv", rotorgene(unit="copies/ml", printed=False), "copies/ml"),
        ("run.rdml", rdml(unit="ng"), "ng"),
        ("run.rdml", rdml(unit="other"), "other"),
    ],
)
def test_that_standards_in_another_unit_hold_what_their_curve_gives(
    lab: Laboratory, name: str, content: bytes, unit: str
) -> None:
    lab.bring(name, content)

    assert f"the curve gives the quantity in, is {unit}" in held_reason(lab.one("P-001-D014", REACTION))


def test_that_a_cq_placeholder_of_a_program_is_confirmed_before_it_counts(lab: Laboratory) -> None:
    content = rdml().replace(b"<cq>NaN</cq>", b"<cq>45.0</cq>")

    lab.bring("run.rdml", content)

    absent = lab.one("P-001-D028", REACTION)
    assert ValueState.NOT_DETECTED is absent.quantity.state
    assert "no Cq" in held_reason(absent)
    assert "" == held_reason(lab.one("P-001-D014", REACTION))


def digital(*wells: tuple[str, str, int]) -> bytes:
    """Digital PCR as RDML: of each well its sample, what it was for, and how many of 15,000 partitions are positive."""
    valid, volume = 15_000, 0.85
    samples = "".join(f'<sample id="{name}"><type>{kind}</type></sample>' for name, kind, _ in dict.fromkeys(wells))
    reacts = "".join(
        f'<react id="{number}"><sample id="{name}"/><partitions><volume>{volume}</volume><data><tar id="CAR"/>'
        f"<pos>{positive}</pos><neg>{valid - positive}</neg>"
        f"<conc>{-log(1 - positive / valid) / volume * 1000:.3f}</conc></data></partitions></react>"
        for number, (name, kind, positive) in enumerate(wells, 1)
    )
    return (
        f'<rdml version="1.4" xmlns="http://www.rdml.org">{samples}<experiment id="E"><run id="QX 1">'
        f"<runDate>2026-02-10T09:10:00</runDate>{reacts}</run></experiment></rdml>"
    ).encode()


def test_that_partitions_in_an_rdml_file_become_copies_of_the_reaction(lab: Laboratory) -> None:
    content = digital(("NTC", "ntc", 0), ("PC", "pos", 127), ("P-001-D014", "unkn", 1200), ("P-001-D028", "unkn", 0))

    lab.bring("run.rdml", content)

    found = lab.one("P-001-D014", REACTION).quantity.value
    assert found == pytest.approx(-log(1 - 1200 / 15_000) / 0.85 * 1000 * 20, rel=1e-4)
    assert ValueState.NOT_DETECTED is lab.one("P-001-D028", REACTION).quantity.state


@pytest.mark.parametrize(("name", "made"), [("cfx.csv", cfx), ("stepone.csv", stepone)])
def test_that_controls_without_a_task_are_known_by_their_sample_names(
    lab: Laboratory, name: str, made: Callable[..., bytes]
) -> None:
    (run,) = lab.plan(name, made(roles=False)).runs

    checks = {check.check_id: check.outcome for check in run.checks}
    assert {CheckOutcome.PASSED} == {checks[each] for each in ("ntc_outcome", "control:low", "control:high")}
    assert Acceptance.ACCEPTED is run.acceptance


@pytest.mark.parametrize(("name", "made"), [("cfx.csv", cfx), ("stepone.csv", stepone)])
def test_that_a_signal_in_a_well_named_as_without_template_holds_the_run(
    lab: Laboratory, name: str, made: Callable[..., bytes]
) -> None:
    (run,) = lab.plan(name, made(roles=False, ntc=500.0)).runs

    assert Acceptance.HELD is run.acceptance


def test_that_a_placeholder_of_stepone_is_confirmed_before_it_counts(lab: Laboratory) -> None:
    lab.bring("stepone.csv", stepone().replace(b"Undetermined", b"40.0"))

    absent = lab.one("P-001-D028", REACTION)
    assert ValueState.NOT_DETECTED is absent.quantity.state
    assert "no Cq" in held_reason(absent)


def test_that_a_cfx_well_with_two_dyes_for_one_target_is_held(lab: Laboratory) -> None:
    content = cfx().decode()
    row = next(line for line in content.splitlines() if "P-001-D014" in line)

    lab.bring("cfx.csv", (content + row.replace("FAM", "HEX") + "\r\n").encode())

    assert "CAR with FAM and HEX" in held_reason(lab.one("P-001-D014", REACTION))
    assert "" == held_reason(lab.one("P-002-D014", REACTION))


def test_that_an_undetermined_specimen_of_a_cfx_is_not_detected_and_not_held(lab: Laboratory) -> None:
    lab.bring("cfx.csv", cfx())

    absent = lab.one("P-001-D028", REACTION)
    assert (ValueState.NOT_DETECTED, None) == (absent.quantity.state, absent.quantity.value)
    assert "" == held_reason(absent)
