from labmon.instruments.delimited import delimiter_of, split
from labmon.instruments.tables import Row, Table, not_read


def table(*rows: list[object], headings: list[str]) -> Table:
    return Table(
        headings=headings,
        rows=[Row(number=number, cells=cells) for number, cells in enumerate(rows, 2)],  # type: ignore[arg-type]
        heading_row=1,
    )


def test_that_columns_are_found_by_their_words_wherever_they_stand() -> None:
    found = table(["a", "b"], headings=["C\u0442", "Sample  Name"]).column("sample name", "sample")

    assert found is not None
    assert ("Sample  Name", 1) == (found.heading, found.index)


def test_that_a_table_remembers_what_nobody_read() -> None:
    of_two = table(["a", "b", "", "c"], headings=["Well", "Comments", "Empty", ""])
    of_two.column("well")

    assert ("Comments", "column 4") == of_two.unread()
    assert ["Not read: Comments, column 4."] == [issue.message for issue in not_read(of_two.unread())]


def test_that_a_heading_printed_twice_counts_once_while_both_columns_agree() -> None:
    headings = ["Task", "Task"]
    agreeing, differing = table(["NTC", "NTC"], headings=headings), table(["NTC", "STANDARD"], headings=headings)
    for each in (agreeing, differing):
        each.column("task")

    assert () == agreeing.unread()
    assert ("Task",) == differing.unread()


def test_that_a_short_row_is_empty_to_the_right() -> None:
    short = table(["A1"], headings=["Well", "CT"])
    column = short.column("ct")

    assert column is not None
    assert "" == short.rows[0][column]


def test_that_a_table_without_unread_columns_is_no_issue() -> None:
    assert [] == not_read(())


def test_that_the_commonest_sign_parts_the_cells_and_a_semicolon_beats_decimal_commas() -> None:
    assert "\t" == delimiter_of(["a\tb\tc,d"])
    assert ";" == delimiter_of(["a;b;c", "1,5;2,5;x"])
    assert "," == delimiter_of(["a,b,c", "Comment,x; y,"])
    assert delimiter_of(["abc"]) is None


def test_that_a_quoted_cell_may_span_lines_and_rows_keep_their_line() -> None:
    rows = split(["a,b", '"two', 'lines",c', "d,e"], ",", first_number=10)

    assert [(10, ["a", "b"]), (11, ["two\nlines", "c"]), (13, ["d", "e"])] == [(r.number, r.cells) for r in rows]


def test_that_a_stray_quote_in_a_tab_separated_text_stays_a_character() -> None:
    rows = split(['"5K\tx', '"RGB(1,2,3)"\ty'], "\t")

    assert [['"5K', "x"], ["RGB(1,2,3)", "y"]] == [row.cells for row in rows]
