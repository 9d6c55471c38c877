"""Variants of the exports that occur in other laboratories: other columns, other marks, parts missing."""

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, Qualifier, ReadingKind, Task
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

HEAD = "* Block Type = 96-Well Block (0.2mL)\n* Instrument Type = QuantStudio 5\n"


def read(text: str, name: str = "export.txt") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def values(reading: FileReading, kind: ReadingKind) -> list[float | str | None]:
    return [each.value for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


def results(
    *rows: str, headings: str = "Well|Well Position|Omit|Sample Name|Target Name|Task|CT|Ct Mean|Quantity"
) -> str:
    return HEAD + "\n[Results]\n" + "\n".join((headings, *rows)).replace("|", "\t") + "\n"


# --- QuantStudio ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("printed", ["Undetermined", "UNDETERMINED", "NA", "N/A", "NaN", "-1", "-1.000", "0", "0.000"])
def test_that_every_way_of_printing_no_cq_is_undetermined_and_never_a_number(printed: str) -> None:
    (cq,) = read(results(f"1|A1|false|S1|CAR|UNKNOWN|{printed}||")).readings

    assert (None, Qualifier.UNDETERMINED, printed) == (cq.value, cq.qualifier, cq.raw)


@pytest.mark.parametrize(
    ("cycles", "printed", "value"),
    [(40, "40.000", None), (45, "40.000", 40.0), (45, "45.000", None), (45, "38.500", 38.5)],
)
def test_that_a_cq_at_the_last_cycle_of_the_run_is_no_cq(cycles: int, printed: str, value: float | None) -> None:
    amplification = f"\n[Amplification Data]\nWell\tCycle\tRn\n1\t1\t0.5\n1\t{cycles}\t0.6\n"
    text = results(f"1|A1|false|S1|CAR|UNKNOWN|{printed}||").replace("\n[Results]", amplification + "\n[Results]")

    assert [value] == values(read(text), ReadingKind.CQ)


def test_that_an_empty_cq_is_not_called_undetermined() -> None:
    (cq,) = read(results("1|A1|false|S1|CAR|UNKNOWN|||")).readings

    assert (None, Qualifier.NOT_COMPUTED) == (cq.value, cq.qualifier)


def test_that_a_cq_that_is_no_number_is_held_and_the_others_are_kept() -> None:
    reading = read(results("1|A1|false|S1|CAR|UNKNOWN|27.1O2||", "2|A2|false|S2|CAR|UNKNOWN|27.102||"))

    assert [None, 27.102] == values(reading, ReadingKind.CQ)
    assert ["I016"] == codes(reading)


@pytest.mark.parametrize(
    ("printed", "task"),
    [
        ("UNKNOWN", Task.UNKNOWN),
        ("Standard", Task.STANDARD),
        ("NTC", Task.NTC),
        ("POSITIVE_CONTROL", Task.POSITIVE_CONTROL),
        ("Negative Control (NC)", Task.NEGATIVE_CONTROL),
        ("BlockedIPC", None),
        ("", None),
    ],
)
def test_that_a_task_is_one_of_five_or_not_stated(printed: str, task: Task | None) -> None:
    (cq,) = read(results(f"1|A1|false|S1|CAR|{printed}|27.1||")).readings

    assert task is cq.task


def test_that_a_quantity_off_the_printed_curve_is_held() -> None:
    headings = "Well|Well Position|Sample Name|Target Name|Task|CT|Quantity|Y-Intercept|Slope"
    rows = (
        "1|A1|S1|CAR|UNKNOWN|25.400|10,000.000|39.000|-3.400",
        "2|A2|S2|CAR|UNKNOWN|25.400|20,000.000|39.000|-3.400",
    )

    reading = read(results(*rows, headings=headings))

    assert ["Q104"] == codes(reading)
    assert [10000.0, 20000.0] == values(reading, ReadingKind.QUANTITY)


def test_that_a_mean_its_wells_do_not_give_is_an_issue() -> None:
    reading = read(results("1|A1|false|S1|CAR|UNKNOWN|27.000|27.100|", "2|A2|false|S1|CAR|UNKNOWN|27.400|27.100|"))

    assert ["Q112"] == codes(reading)


def test_that_results_fewer_than_the_plate_declares_are_an_issue() -> None:
    setup = "\n[Sample Setup]\nWell\tTarget Name\n1\tCAR\n2\tCAR\n3\t\n"
    text = results("1|A1|false|S1|CAR|UNKNOWN|27.0||").replace("\n[Results]", setup + "\n[Results]")

    assert ["I021"] == codes(read(text))


def test_that_an_export_without_its_results_is_refused_with_what_is_missing() -> None:
    with pytest.raises(UserError, match=r"^I020 The section \[Results\] is missing"):
        read(HEAD + "\n[Sample Setup]\nWell\tSample Name\n1\tS1\n")


def test_that_an_export_cut_inside_a_row_is_refused() -> None:
    with pytest.raises(UserError, match=r"^I002 line 6: .*in the middle of a row"):
        read(results("1|A1|false|S1|CAR|UNKNOWN|27.1")[:-2])


def test_that_a_stepone_table_whose_well_is_a_position_is_read() -> None:
    text = (
        "Block Type\t96well\nInstrument Type\tsteponeplus\n\nWell\tSample Name\tTarget Name\tTask\tC\u0442\tR²\tSlope\n"
        "A01\tS1\tCAR\tUNKNOWN\t27.1\t0.99\t-3.5\n\nEndogenous Control\tGAPDH\n"
    )

    reading = read(text)

    assert ["A1"] == [each.well for each in reading.readings if each.kind is ReadingKind.CQ]
    assert [0.99] == values(reading, ReadingKind.R2)
    assert ["I009"] == codes(reading)


@pytest.mark.parametrize(
    "text",
    [
        "Well,Well Position,Sample Name,Target Name,CT\n1,A1,S,CAR,27.1\n",
        "Well;Well Position;Omit;Sample Name;Target Name;Task;CT;Quantity\n1;A1;false;S1;CAR;UNKNOWN;27,1;1.234,5\n",
        '"* Block Type = 96"\n\n"[Results]"\n"Well"\t"Sample Name"\t"Target Name"\t"CT"\n"1"\t"S"\t"CAR"\t"27.1"\n',
        "[Results]\nWell\tWell Position\tSample Name\tTarget Name\tTask\tCT\n1\tA1\tS\tCAR\tUNKNOWN\t27.1\n",
    ],
)
def test_that_a_table_saved_again_by_other_programs_is_read(text: str) -> None:
    assert [27.1] == values(read(text), ReadingKind.CQ)


# --- FlowJo -----------------------------------------------------------------------------------------------------------


def test_that_a_flowjo_table_without_percent_signs_is_asked_for_its_unit_when_it_may_hold_fractions() -> None:
    text = ",T | Count,T/CAR+ | Count,T/CAR+ | Freq. of Parent\nA.fcs,1000,20,{}\nB.fcs,900,9,{}\n"

    assert [] == codes(read(text.format("2.0", "1.0"), "t.csv"))
    assert "I006" in codes(read(text.format("0.02", "0.01"), "t.csv"))


def test_that_a_percentage_that_its_counts_do_not_give_is_held() -> None:
    reading = read(",T | Count,T/CAR+ | Count,T/CAR+ | Freq. of Parent\nA.fcs,1000,20,3.0 %\n", "t.csv")

    assert ["F312"] == codes(reading)


def test_that_a_percentage_above_the_whole_is_an_issue_and_kept() -> None:
    reading = read(",T/CAR+ | Freq. of Parent\nA.fcs,117 %\n", "t.csv")

    assert [117.0] == values(reading, ReadingKind.PERCENT_OF_PARENT)
    assert {"F304", "I014"} == set(codes(reading))


# --- DNA concentrations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "printed", "ng_per_ul"),
    [
        ("ng/µL", "6.08", 6.08),
        ("ng/mL", "6080", 6.08),
        ("ug/mL", "6.08", 6.08),
        ("pg/uL", "6080", 6.08),
        ("µg/µL", "0.00608", 6.08),
    ],
)
def test_that_a_dna_concentration_is_converted_to_ng_per_ul(unit: str, printed: str, ng_per_ul: float) -> None:
    headings = "Assay Name,Test Name,Qubit tube conc.,Units,Original sample conc.,Units,Dilution Factor\n"
    reading = read(f"{headings}1x dsDNA HS,S1,30.4,ng/mL,{printed},{unit},200\n", "q.csv")

    assert [pytest.approx(ng_per_ul)] == values(reading, ReadingKind.DNA_NG_PER_UL)
    assert [] == codes(reading)


def test_that_a_concentration_without_unit_or_assay_is_held_and_no_dna() -> None:
    headings = "Test Name,Qubit tube conc.,Original sample conc.,Dilution Factor\n"
    reading = read(headings + "S1,30.4,6.08,200\n", "q.csv")

    assert [6.08] == values(reading, ReadingKind.CONCENTRATION)
    assert {"Q107", "I006"} == set(codes(reading))
