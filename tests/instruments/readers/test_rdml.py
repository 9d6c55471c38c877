"""RDML of other laboratories and versions: plates, samples, several runs, partitions, and archives made to hurt."""

import io
import random
import time
import zipfile
from collections.abc import Mapping

import pytest

from labmon.domain.errors import UserError
from labmon.domain.issue import Severity
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source

UUID = "65aeb1ec-b377-4ef6-b03f-92898d47488b"
PLATE = (
    "<pcrFormat><rows>8</rows><columns>12</columns><rowLabel>ABC</rowLabel><columnLabel>123</columnLabel></pcrFormat>"
)
SAMPLES = '<sample id="S1"><type>unkn</type></sample>'


def curve(cycles: int) -> str:
    return "".join(f"<adp><cyc>{cycle}</cyc><tmp>60</tmp><fluor>0.1</fluor></adp>" for cycle in range(1, cycles + 1))


def data(cq: str | None = "25.5", *, target: str = "CAR", more: str = "", cycles: int = 0) -> str:
    value = "" if cq is None else f"<cq>{cq}</cq>"
    return f'<data><tar id="{target}"/>{value}{more}{curve(cycles)}</data>'


def react(*datas: str, number: str = "1", sample: str = "S1") -> str:
    return f'<react id="{number}"><sample id="{sample}"/>{"".join(datas)}</react>'


def run(*reacts: str, head: str = PLATE, name: str = "Run 1") -> str:
    return f'<run id="{name}">{head}{"".join(reacts)}</run>'


def rdml(*runs: str, samples: str = SAMPLES, more: str = "", version: str = "1.3") -> str:
    body = "".join(f'<experiment id="E{number}">{each}</experiment>' for number, each in enumerate(runs))
    return f'<?xml version="1.0"?>\n<rdml version="{version}" xmlns="http://www.rdml.org">{samples}{more}{body}</rdml>'


def zipped(members: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


def read(text: str, name: str = "run.rdml") -> FileReading:
    return read_source(Source(name, text.encode()), ReadOptions())


def one_cq(text: str) -> Reading:
    (cq,) = [each for each in read(text).readings if each.kind is ReadingKind.CQ]
    return cq


def codes(reading: FileReading) -> list[str]:
    return [issue.code for issue in reading.issues if issue.code != "I004"]


# --- where the reaction lies ------------------------------------------------------------------------------------------


def plate(rows: int, columns: int, row_label: str = "ABC", column_label: str = "123") -> str:
    return (
        f"<pcrFormat><rows>{rows}</rows><columns>{columns}</columns>"
        f"<rowLabel>{row_label}</rowLabel><columnLabel>{column_label}</columnLabel></pcrFormat>"
    )


@pytest.mark.parametrize(
    ("head", "number", "well"),
    [
        (PLATE, "1", "A1"),
        (PLATE, "12", "A12"),
        (PLATE, "13", "B1"),
        (PLATE, "96", "H12"),
        (PLATE, "97", "97"),
        (PLATE, "0", "0"),
        (PLATE, "A01", "A1"),
        (PLATE, "h12", "H12"),
        (plate(16, 24), "326", "N14"),
        (plate(32, 48), "1536", "AF48"),
        (plate(12, 8, "123", "ABC"), "9", "A2"),
        (plate(72, 1, "123", "123"), "72", "72"),
        (plate(1, 72, "123", "123"), "5", "5"),
        (plate(8, 12, "123", "123"), "13", "13"),
        (plate(32, 48, "A1a1", "A1a1"), "14", "14"),
        (plate(32, 48, "A1a1", "A1a1"), "B3a2", "B3a2"),
        ("<pcrFormat>96-well plate; A1-H12</pcrFormat>", "13", "B1"),
        ("<pcrFormat>384-well plate; A1-P24</pcrFormat>", "25", "B1"),
        ("<pcrFormat>72-well rotor; 1-72</pcrFormat>", "25", "25"),
        ("<pcrFormat>free format</pcrFormat>", "A1", "A1"),
        (plate(-1, 12), "13", "13"),
        ("", "13", "13"),
    ],
)
def test_that_a_reaction_lies_where_the_plate_of_its_run_puts_it(head: str, number: str, well: str) -> None:
    assert well == one_cq(rdml(run(react(data(), number=number), head=head))).well


# --- samples, targets, quantities -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "task"),
    [
        ("unkn", Task.UNKNOWN),
        ("std", Task.STANDARD),
        ("ntc", Task.NTC),
        ("nac", Task.NEGATIVE_CONTROL),
        ("nrt", Task.NEGATIVE_CONTROL),
        ("ntp", Task.NEGATIVE_CONTROL),
        ("pos", Task.POSITIVE_CONTROL),
        ("opt", None),
        ("new one", None),
    ],
)
def test_that_the_type_of_a_sample_is_the_task_of_its_wells(stated: str, task: Task | None) -> None:
    samples = f'<sample id="S1"><type>{stated}</type></sample>'

    assert task == one_cq(rdml(run(react(data())), samples=samples)).task


def test_that_type_and_quantity_of_one_target_say_nothing_of_another() -> None:
    samples = (
        '<sample id="S1"><type targetId="CAR">std</type><type targetId="ALB">ntc</type>'
        '<quantity targetId="CAR"><value>1.0E2</value><unit>cop</unit></quantity></sample>'
    )
    reading = read(rdml(run(react(data(), data(target="ALB"))), samples=samples))

    assert [
        ("CAR", ReadingKind.CQ, Task.STANDARD),
        ("CAR", ReadingKind.QUANTITY_GIVEN, Task.STANDARD),
        ("ALB", ReadingKind.CQ, Task.NTC),
    ] == [(each.target, each.kind, each.task) for each in reading.readings]
    assert (100.0, "cop") == (reading.readings[1].value, reading.readings[1].unit)


def test_that_a_sample_numbered_by_a_uuid_is_called_by_its_description() -> None:
    samples = f'<sample id="{UUID}"><description>P-001-D014</description><type>unkn</type></sample>'
    cq = one_cq(rdml(run(react(data(target=f"FAM@{UUID}"), sample=UUID)), samples=samples))

    assert ("P-001-D014", "FAM") == (cq.sample, cq.target)


def test_that_a_uuid_without_a_description_is_no_sample_and_no_control() -> None:
    samples = f'<sample id="{UUID}"><description/><type>ntp</type></sample>'
    cq = one_cq(rdml(run(react(data(), sample=UUID)), samples=samples))

    assert (None, None) == (cq.sample, cq.task)


def test_that_a_reaction_may_name_a_sample_the_file_does_not_declare() -> None:
    assert "S9" == one_cq(rdml(run(react(data(), sample="S9")))).sample


def test_that_a_quantity_of_nan_is_no_quantity() -> None:
    more = "<quantity><value>NaN</value><unit>cop</unit></quantity>"
    reading = read(rdml(run(react(data("40.0", more=more)))))

    assert [(None, Qualifier.UNDETERMINED), (None, Qualifier.NOT_COMPUTED)] == [
        (each.value, each.qualifier) for each in reading.readings
    ]


@pytest.mark.parametrize(
    ("cq", "printed", "value"),
    [("25.5", "0", 0.0), ("-1.0", "0", None), ("25.5", "-1", None), ("NaN", "12.5", 12.5)],
)
def test_that_a_quantity_of_0_beside_no_cq_and_one_below_0_are_none(cq: str, printed: str, value: float | None) -> None:
    more = f"<quantity><value>{printed}</value><unit>cop</unit></quantity>"
    reading = read(rdml(run(react(data(cq, more=more)))))

    (found,) = [each for each in reading.readings if each.kind is ReadingKind.QUANTITY]
    assert (value, None if value is not None else Qualifier.NOT_COMPUTED) == (found.value, found.qualifier)


# --- what is no Cq ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("printed", ["-1.0", "0", "0.0", "50.0"])
def test_that_a_placeholder_is_no_cq_and_to_be_confirmed(printed: str) -> None:
    reading = read(rdml(run(react(data(printed)))))

    assert [(None, Qualifier.UNDETERMINED, printed)] == [(e.value, e.qualifier, e.raw) for e in reading.readings]
    assert ["Q101"] == codes(reading)


@pytest.mark.parametrize("printed", ["NaN", "nan", "N/A", "Undetermined"])
def test_that_a_word_for_no_cq_is_undetermined(printed: str) -> None:
    reading = read(rdml(run(react(data(printed)))))

    assert [(None, Qualifier.UNDETERMINED)] == [(each.value, each.qualifier) for each in reading.readings]
    assert [] == codes(reading)


@pytest.mark.parametrize(
    ("printed", "cycles", "value"),
    [
        ("40.0", 40, None),
        ("40.0", 45, 40.0),
        ("40.0", 0, None),
        ("45.0", 45, None),
        ("44.99", 45, 44.99),
        ("100", 50, None),
        ("51.9", 50, None),
        ("38.2", 0, 38.2),
    ],
)
def test_that_a_cq_is_judged_by_the_last_cycle_of_its_own_curve(printed: str, cycles: int, value: float | None) -> None:
    assert value == one_cq(rdml(run(react(data(printed, cycles=cycles))))).value


@pytest.mark.parametrize(("printed", "value"), [("41.0", None), ("42.5", None), ("39.9", 39.9), ("40.5", 40.5)])
def test_that_the_program_of_the_run_judges_a_cq_without_a_curve(printed: str, value: float | None) -> None:
    program = (
        '<thermalCyclingConditions id="p"><step><loop><goto>2</goto><repeat>40</repeat></loop></step>'
        "</thermalCyclingConditions>"
    )
    head = PLATE + '<thermalCyclingConditions id="p"/>'

    assert value == one_cq(rdml(run(react(data(printed)), head=head), more=program)).value


def test_that_a_late_cq_beside_a_quantity_is_one() -> None:
    more = "<quantity><value>0.7</value><unit>cop</unit></quantity>"

    assert 40.0 == one_cq(rdml(run(react(data("40.0", more=more))))).value


def test_that_a_reaction_without_a_cq_among_others_is_not_computed_and_never_absent() -> None:
    reading = read(rdml(run(react(data("25")), react(data(None), number="2"))))

    assert [(25.0, None), (None, Qualifier.NOT_COMPUTED)] == [(each.value, each.qualifier) for each in reading.readings]


def test_that_a_cq_that_is_no_number_is_held() -> None:
    assert ["I016"] == codes(read(rdml(run(react(data("25,5,5"))))))


def test_that_a_decimal_comma_is_read_as_one() -> None:
    reading = read(rdml(run(react(data("25,51")), react(data("31,2"), number="2"))))

    assert [25.51, 31.2] == [each.value for each in reading.readings]
    assert "decimal comma" == reading.locale


def test_that_an_excluded_reaction_is_omitted_with_its_value() -> None:
    reading = read(rdml(run(react(data(more="<excl>pipetting</excl>")))))

    assert [(25.5, True)] == [(each.value, each.is_omitted) for each in reading.readings]
    assert ["Q106"] == codes(reading)


# --- several runs -----------------------------------------------------------------------------------------------------


def dated(day: str) -> str:
    return PLATE + f"<runDate>{day}T09:00:00</runDate>"


def test_that_every_run_of_every_experiment_is_read_with_places_of_its_own() -> None:
    reading = read(
        rdml(run(react(data("20"))) + run(react(data("21", target="ALB"))), run(react(data("22", target="B2M"))))
    )

    assert {
        "rdml/experiment[1]/run[1]/react/data": 20.0,
        "rdml/experiment[1]/run[2]/react/data": 21.0,
        "rdml/experiment[2]/run/react/data": 22.0,
    } == {str(each.place): each.value for each in reading.readings}
    assert [] == codes(reading)


@pytest.mark.parametrize("second", [data("21"), data("NaN")])
def test_that_wells_of_one_target_in_several_runs_are_held_for_they_are_no_replicates(second: str) -> None:
    reading = read(rdml(run(react(data("20"))), run(react(second))))

    held = [issue for issue in reading.issues if issue.code == "Q120"]
    assert {each.place for each in reading.readings} == {issue.place for issue in held}
    assert {Severity.HOLDS} == {issue.severity for issue in held}


def test_that_runs_of_one_day_began_when_the_first_did_and_runs_of_two_days_leave_it_open() -> None:
    same = rdml(run(react(data()), head=dated("2026-03-04")), run(react(data(target="ALB")), head=PLATE))
    other = rdml(run(react(data()), head=dated("2026-03-04")), run(react(data(target="ALB")), head=dated("2026-03-05")))

    assert "2026-03-04T09:00:00" == read(same).run_started_at
    assert read(other).run_started_at is None


# --- partitions -------------------------------------------------------------------------------------------------------


def partitions(pos: str, neg: str, conc: str) -> str:
    counts = f'<tar id="CAR"/><pos>{pos}</pos><neg>{neg}</neg><conc>{conc}</conc>'
    return rdml(run(react(f"<partitions><volume>0.85</volume><data>{counts}</data></partitions>")), version="1.4")


def test_that_partitions_are_counts_and_their_concentration_is_of_the_reaction() -> None:
    found = {each.kind: (each.value, each.unit) for each in read(partitions("412", "15208", "31.46")).readings}

    assert {
        ReadingKind.PARTITIONS_POSITIVE: (412.0, None),
        ReadingKind.PARTITIONS_NEGATIVE: (15208.0, None),
        ReadingKind.PARTITIONS_VALID: (15620.0, None),
        ReadingKind.CONCENTRATION: (31.46, "copies/uL"),
    } == found


def test_that_a_concentration_without_a_negative_partition_is_saturated() -> None:
    reading = read(partitions("15620", "0", "1000000"))

    (found,) = [each for each in reading.readings if each.kind is ReadingKind.CONCENTRATION]
    assert (None, Qualifier.SATURATED) == (found.value, found.qualifier)
    assert ["D202"] == codes(reading)


@pytest.mark.parametrize(("printed", "expected"), [("31.46", []), ("31.4", []), ("40.0", ["D205"]), ("0", ["D205"])])
def test_that_a_concentration_its_partitions_do_not_give_is_held(printed: str, expected: list[str]) -> None:
    assert expected == codes(read(partitions("412", "15208", printed)))


@pytest.mark.parametrize(("pos", "neg"), [("-1", "15208"), ("412", "-1"), ("", "15208"), ("-20000", "15208")])
def test_that_a_count_below_0_was_never_made(pos: str, neg: str) -> None:
    reading = read(partitions(pos, neg, "31.46"))

    counts = {each.raw: each.qualifier for each in reading.readings if each.unit is None}
    assert {Qualifier.NOT_COMPUTED} == {counts[each] for each in (pos, neg) if each != "15208" and each != "412"}
    assert ReadingKind.PARTITIONS_VALID not in {each.kind for each in reading.readings}


@pytest.mark.parametrize("printed", ["-1", "NaN", ""])
def test_that_a_concentration_nobody_computed_is_none(printed: str) -> None:
    (found,) = [e for e in read(partitions("4", "9000", printed)).readings if e.kind is ReadingKind.CONCENTRATION]

    assert (None, Qualifier.NOT_COMPUTED) == (found.value, found.qualifier)


# --- archives ---------------------------------------------------------------------------------------------------------

GOOD = rdml(run(react(data())))


@pytest.mark.parametrize(
    "members",
    [
        {"rdml_data.xml": GOOD},
        {"CAR 0304.xml": GOOD},
        {"app_data.xml": "<a/>", "rdml_data.xml": GOOD, "partitions/x.tsv": "1"},
    ],
)
def test_that_the_data_are_read_from_the_named_or_the_only_xml_file(members: dict[str, str]) -> None:
    reading = read_source(Source("run.rdml", zipped(members)), ReadOptions())

    assert [25.5] == [each.value for each in reading.readings]
    assert set(members) - {"rdml_data.xml", "CAR 0304.xml"} <= set(reading.unread)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"a.xml": GOOD, "b.xml": GOOD}, "an archive of 2 XML files"),
        ({"a.txt": GOOD}, "neither a workbook nor RDML"),
        ({"a.xml": "<other/>"}, "neither a workbook nor RDML"),
    ],
)
def test_that_an_archive_without_one_file_of_data_is_refused(members: dict[str, str], why: str) -> None:
    with pytest.raises(UserError, match=f"I001.*{why}"):
        read_source(Source("run.rdml", zipped(members)), ReadOptions())


def test_that_the_name_of_the_file_decides_nothing() -> None:
    assert "rdml" == read(GOOD, "run.csv").format_id
    assert ["I019"] == codes(read(GOOD, "run.csv"))


@pytest.mark.parametrize("name", ["../rdml_data.xml", "/etc/rdml_data.xml", "..\\rdml_data.xml", "C:\\rdml_data.xml"])
def test_that_a_path_out_of_the_archive_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="I018"):
        read_source(Source("run.rdml", zipped({name: GOOD})), ReadOptions())


def test_that_a_member_without_a_name_is_none_of_the_data() -> None:
    nameless = zipped({"rdml_data.xml": GOOD, "~~~~~~": "1"}).replace(b"~~~~~~", bytes(6))

    assert [25.5] == [each.value for each in read_source(Source("run.rdml", nameless), ReadOptions()).readings]


def test_that_a_document_type_is_refused_in_an_archive_and_plain() -> None:
    laughing = GOOD.replace("<rdml ", '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rdml ', 1)

    for data_of_it in (laughing.encode(), zipped({"rdml_data.xml": laughing})):
        with pytest.raises(UserError, match="I018"):
            read_source(Source("run.rdml", data_of_it), ReadOptions())


def test_that_an_archive_unpacking_to_a_thousand_times_its_size_is_refused() -> None:
    with pytest.raises(UserError, match="I018"):
        read_source(Source("run.rdml", zipped({"rdml_data.xml": GOOD + " " * (5 << 20)})), ReadOptions())


def test_that_an_archive_whose_data_were_damaged_is_refused() -> None:
    content = bytearray(zipped({"rdml_data.xml": rdml(run(*(react(data(f"2{n}.123")) for n in range(9))))}))
    start = content.index(b"rdml_data.xml") + len("rdml_data.xml")
    refusals = set()
    for position in range(start + 4, start + 200, 7):
        damaged = bytes(content[:position]) + bytes([content[position] ^ 0x55]) + bytes(content[position + 1 :])
        with pytest.raises(UserError) as refusal:
            read_source(Source("run.rdml", damaged), ReadOptions())
        refusals.add(refusal.value.code)
    assert refusals <= {"I001", "I002", "I018"}


def test_that_an_archive_damaged_behind_its_beginning_is_refused() -> None:
    chance = random.Random(1)
    reacts = (react(data(f"{chance.uniform(15, 39):.6f}"), number=str(number)) for number in range(1, 1500))
    content = zipped({"rdml_data.xml": rdml(run(*reacts))})
    at = len(content) * 4 // 5

    with pytest.raises(UserError, match="I002"):
        read_source(Source("run.rdml", content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]), ReadOptions())


@pytest.mark.parametrize("cut", [40, 200, -60, -20, -1])
def test_that_data_cut_short_are_refused(cut: int) -> None:
    with pytest.raises(UserError, match="I00"):
        read(GOOD[:cut])


@pytest.mark.parametrize("text", [rdml(), rdml(run()), rdml(run(react(data(None, cycles=45))))])
def test_that_a_file_without_a_result_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="I020"):
        read(text)


def test_that_a_file_of_curves_with_given_quantities_says_that_it_holds_no_cq() -> None:
    samples = '<sample id="S1"><type>std</type><quantity><value>500</value><unit>cop</unit></quantity></sample>'
    reading = read(rdml(run(react(data(None, cycles=3))), samples=samples))

    assert [(ReadingKind.QUANTITY_GIVEN, 500.0)] == [(each.kind, each.value) for each in reading.readings]
    assert ["I025"] == codes(reading)


def test_that_curves_of_a_hundred_thousand_points_are_read_past() -> None:
    text = rdml(run(*(react(data("25", cycles=1000), number=str(number)) for number in range(1, 97))))
    started = time.process_time()

    reading = read(text)

    assert 96 == len(reading.readings)
    assert "<adp>" in reading.unread
    assert time.process_time() - started < 10


# --- LightCycler 96 ---------------------------------------------------------------------------------------------------


def lightcycler96(call: str, excluded: str = "false", analysed: str = "") -> FileReading:
    def of_well(inside: str, attributes: str = "") -> str:
        graph = f'<factGraph id="g" targetId="CAR"{attributes}>{inside}</factGraph>'
        return f'<x><experiment id="E0"><run id="Run 1"><react id="1">{graph}</react></run>{analysed}</experiment></x>'

    members = {
        "rdml_data.xml": GOOD,
        "app_data.xml": of_well("", f' isExcluded="{excluded}"'),
        "calculated_data.xml": of_well(f"<call>{call}</call>"),
    }
    return read_source(Source("run.lc96p", zipped(members)), ReadOptions())


@pytest.mark.parametrize(
    ("call", "excluded", "expected"),
    [
        ("Positive", "false", []),
        ("Negative", "false", ["Q121"]),
        ("Invalid", "false", ["Q121"]),
        ("Positive", "true", ["Q121"]),
    ],
)
def test_that_a_cq_the_lightcycler_96_software_set_aside_is_kept_and_held(
    call: str, excluded: str, expected: list[str]
) -> None:
    reading = lightcycler96(call, excluded)

    assert [25.5] == [each.value for each in reading.readings]
    assert expected == codes(reading)


def test_that_a_cq_its_analysis_lists_is_not_held_for_the_call() -> None:
    analysed = "<absQuantDataSource><graphId>g</graphId><cq>25.5</cq></absQuantDataSource>"

    assert [] == codes(lightcycler96("Negative", analysed=analysed))
