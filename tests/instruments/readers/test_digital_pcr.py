"""Digital PCR tables of other laboratories: merged and saturated wells, other droplet volumes, rows that do not fit."""

import math

import pytest

from labmon.domain.errors import UserError
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

QUANTASOFT = "Well,Sample,TargetType,Target,Status,Concentration,Positives,Negatives,AcceptedDroplets,MergedWells\n"
QX = "Well,Sample description 1,Target,Conc(copies/\u00b5L),Status Reason,Accepted Droplets,Positives,Negatives\n"
QIACUITY = (
    "Well,Sample,Type,Target,Conc. [copies/\u00b5L],Partitions (valid),Partitions (positive),Partitions (negative)\n"
)


def read(text: str, name: str = "dpcr.csv") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def of_kind(reading: FileReading, kind: ReadingKind) -> list[Reading]:
    return [each for each in reading.readings if each.kind is kind]


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


def quantasoft(*rows: tuple[int, int], volume_nl: float = 0.85) -> str:
    """Wells by positives and accepted droplets, with the concentration of droplets of that volume."""
    lines = []
    for number, (positives, accepted) in enumerate(rows, 1):
        negatives = accepted - positives
        copies = -math.log(negatives / accepted) / volume_nl * 1000
        lines.append(f"A{number:02d},S{number},Ch1Unknown,CAR,OK,{copies:.3g},{positives},{negatives},{accepted},,\n")
    return QUANTASOFT + "".join(lines)


def test_that_concentrations_follow_from_their_droplets() -> None:
    assert [] == codes(read(quantasoft((1901, 15820), (3, 12000), (9000, 15000))))


def test_that_a_concentration_its_droplets_do_not_give_is_held() -> None:
    text = quantasoft((1901, 15820), (5000, 15000), (900, 15000)).replace(",151,", ",251,")

    assert ["D205"] == codes(read(text))


def test_that_older_droplets_of_another_volume_are_known() -> None:
    assert [] == codes(read(quantasoft((1901, 15820), (9000, 15000), volume_nl=0.91)))


def test_that_droplets_of_an_unusual_volume_are_said_once_and_hold_nothing() -> None:
    reading = read(quantasoft((1901, 15820), (9000, 15000), (5000, 15000), volume_nl=0.70))

    assert ["D206"] == codes(reading)
    assert "0.7 nL" in next(issue.message for issue in reading.issues if issue.code == "D206")


def test_that_accepted_droplets_which_are_not_the_sum_of_both_kinds_are_said() -> None:
    text = quantasoft((1901, 15820)).replace(",13919,15820", ",13919,15920")

    assert "I026" in codes(read(text))


def test_that_a_row_whose_cells_slipped_is_refused() -> None:
    with pytest.raises(UserError, match="I002"):
        read(quantasoft((1901, 15820)).replace("S1,", "S1,Smith,"))


def test_that_a_row_without_the_comma_too_many_reads_alike() -> None:
    text = quantasoft((1901, 15820))

    assert read(text).readings == read(text.replace(",,\n", ",\n")).readings


@pytest.mark.parametrize(
    ("target_type", "task"),
    [
        ("Ch1Unknown", Task.UNKNOWN),
        ("Ch2Reference", Task.UNKNOWN),
        ("Ch1NTC", Task.NTC),
        ("Ch2Positive Control", Task.POSITIVE_CONTROL),
        ("Ch1Negative Control", Task.NEGATIVE_CONTROL),
        ("Ch1Something", None),
    ],
)
def test_that_the_task_is_the_target_type_without_its_channel(target_type: str, task: Task | None) -> None:
    assert {task} == {each.task for each in read(quantasoft((9, 12000)).replace("Ch1Unknown", target_type)).readings}


def test_that_a_well_with_every_droplet_positive_has_no_number_whatever_is_printed() -> None:
    reading = read(QX + "A01,S1,CAR,1000000,Saturated,15000,15000,0\n")

    (concentration,) = of_kind(reading, ReadingKind.CONCENTRATION)
    assert (None, Qualifier.SATURATED, "1000000") == (concentration.value, concentration.qualifier, concentration.raw)
    assert ["D202"] == codes(reading)


def test_that_no_call_says_why_and_keeps_the_droplets() -> None:
    reading = read(QX + "A01,S1,CAR,No Call,Low droplets,812,3,809\n")

    (concentration,) = of_kind(reading, ReadingKind.CONCENTRATION)
    assert (None, Qualifier.NO_CALL) == (concentration.value, concentration.qualifier)
    assert [812.0] == [each.value for each in of_kind(reading, ReadingKind.ACCEPTED_DROPLETS)]
    assert "Low droplets" in reading.issues[0].message


def test_that_a_count_in_scientific_notation_is_refused_as_a_count() -> None:
    reading = read(QX + "A01,S1,CAR,150.6,,1.58E+04,1901,13919\n")

    assert [None] == [each.value for each in of_kind(reading, ReadingKind.ACCEPTED_DROPLETS)]
    assert ["F306"] == codes(reading)


def test_that_nothing_found_is_a_zero_and_nothing_computed_is_none() -> None:
    reading = read(QIACUITY + "A1,S1,Sample,CAR,0.000,8250,0,8250\nB1,S2,Sample,CAR,-,-,-,-\n")

    assert [(0.0, None), (None, Qualifier.NOT_COMPUTED)] == [
        (each.value, each.qualifier) for each in of_kind(reading, ReadingKind.CONCENTRATION)
    ]


@pytest.mark.parametrize(
    "unit", ["copies/\u00b5L", "copies/\u03bcL", "copies/uL", "copies/\ufffdL", "copies/\u00c2\u00b5L"]
)
def test_that_every_micro_sign_is_one(unit: str) -> None:
    text = QIACUITY.replace("copies/\u00b5L", unit) + "A1,S1,Sample,CAR,77.4,8261,200,8061\n"

    assert [77.4] == [each.value for each in of_kind(read(text), ReadingKind.CONCENTRATION)]
