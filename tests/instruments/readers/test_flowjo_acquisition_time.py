from datetime import date

from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.readers import flowjo_table
from labmon.instruments.source import Source


def read(*lines: str) -> FileReading:
    text = "\n".join(line.replace("|", "\t").replace("/ Count", " | Count") for line in lines) + "\n"
    return flowjo_table.read(Source("table.txt", text.encode()), ReadOptions())


def test_that_the_keywords_of_a_table_say_when_each_sample_was_acquired() -> None:
    reading = read(
        "|CD3+/ Count|$DATE|$BTIM",
        "A.fcs|41000|04-MAR-2026|14:05:33",
        "B.fcs|38000|05-MAR-2026|09:10:00",
    )

    acquired = [(r.sample, r.value) for r in reading.readings if r.kind is ReadingKind.ACQUIRED_AT]
    assert [("A.fcs", "2026-03-04T14:05:33"), ("B.fcs", "2026-03-05T09:10:00")] == acquired
    assert reading.unread == ()
    assert reading.issues == ()


def test_that_an_acquisition_date_that_is_none_is_an_issue_and_no_date() -> None:
    reading = read("|CD3+/ Count|$DATE", "A.fcs|41000|yesterday")

    assert [ReadingKind.COUNT] == [r.kind for r in reading.readings]
    assert ["I016"] == [issue.code for issue in reading.issues]


def test_that_the_stated_day_of_the_run_counts_where_the_file_says_none_and_only_there() -> None:
    stated = ReadOptions(run_started_on=date(2026, 3, 9))
    silent, speaking = (
        read_source(Source("table.csv", f",CD3+ | Count{more}\n".encode()), stated)
        for more in ("\nA.fcs,41000", ",$DATE\nA.fcs,41000,04-MAR-2026")
    )

    assert ("2026-03-09", None) == (silent.run_started_at, speaking.run_started_at)
