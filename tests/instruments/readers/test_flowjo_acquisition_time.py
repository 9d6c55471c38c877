from labmon.domain.reading import FileReading, ReadingKind
from labmon.instruments.options import ReadOptions
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
