import io
import zipfile

import pytest

from labmon.domain.errors import UserError
from labmon.domain.issue import Place
from labmon.instruments.markup import parse
from labmon.instruments.original import original_part
from labmon.instruments.source import Container, Source


def archive_of(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_that_an_element_knows_its_line_and_its_path() -> None:
    root = parse("<?xml version='1.0'?>\n<a>\n<b n='1'/>\n<b n='2'><c>text</c></b>\n</a>")

    second = root.all("b")[1]
    assert Place(row=4, element="a/b[2]") == second.place
    assert "text" == second.text_of("c")
    assert "a/b[2]/c" == next(root.below("c")).path


def test_that_prefixes_are_left_out_even_where_nobody_declared_them() -> None:
    root = parse('<Workspace><Parameter data-type:name="FSC-A"/><gating:gate gating:id="x"/></Workspace>')

    assert "FSC-A" == root.children[0].get("name")
    assert "gate" == root.children[1].name


def test_that_two_attributes_which_differ_by_their_prefix_only_both_stay() -> None:
    assert {"id": "1", "g:id": "2"} == parse('<a id="1" g:id="2"/>').attributes


def test_that_elements_left_out_are_not_kept_nor_what_is_below_them() -> None:
    root = parse("<a><raw><b>1</b></raw><b>2</b></a>", leave_out=("raw",))

    assert ["2"] == [each.text for each in root.below("b")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<a><b></a>", "I002"),
        ("<a", "I002"),
        ("", "I002"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "I018"),
        ("<a>" * 300 + "</a>" * 300, "I018"),
    ],
)
def test_that_damaged_and_dangerous_markup_is_refused(text: str, code: str) -> None:
    with pytest.raises(UserError, match=code):
        parse(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "iso-8859-1", "gb2312"])
def test_that_markup_is_read_in_the_encoding_it_is_written_in(encoding: str) -> None:
    word = "µ" if encoding == "iso-8859-1" else "\u7ec6\u80de"
    declared = "utf-16" if encoding.startswith("utf-16") else encoding
    source = Source("x.xml", f'<?xml version="1.0" encoding="{declared}"?>\n<a>{word}</a>'.encode(encoding))

    assert Container.XML is source.container
    assert word == source.xml.text


def test_that_markup_on_one_line_is_counted_and_shown_one_tag_a_line() -> None:
    source = Source("x.xml", ("<a>" + "<b>1</b>" * 1000 + "</a>").encode())
    wanted = source.xml.children[499]

    part = original_part(source, wanted.place, rows_around=1)

    assert "a/b[500]" == wanted.path
    assert (("<b>1</b>",), 3) == (part.rows[1], len(part.rows))


def test_that_the_one_xml_file_of_an_archive_is_its_markup() -> None:
    source = Source("x.rdml", archive_of(run__xml="<rdml version='1.2'/>", note__txt="a note"))

    assert "rdml" == source.root_name
    assert "1.2" == source.xml.get("version")


def test_that_an_archive_without_or_with_several_xml_files_has_no_markup() -> None:
    for source in (Source("x", archive_of(a__txt="")), Source("x", archive_of(a__xml="<a/>", b__xml="<b/>"))):
        assert "" == source.root_name
        with pytest.raises(UserError, match="I002"):
            _ = source.xml


def test_that_endless_nesting_of_json_is_refused() -> None:
    with pytest.raises(UserError, match="I002"):
        _ = Source("x.json", b'{"a":' * 100_000).json


def test_that_of_neighbours_nobody_needs_only_the_last_is_kept() -> None:
    root = parse("<d><adp><c>1</c></adp><adp><c>2</c></adp><cq>3</cq><adp><c>9</c></adp></d>", only_last=("adp",))

    assert ["adp", "cq", "adp"] == [child.name for child in root.children]
    assert ["2", "9"] == [each.text_of("c") for each in root.all("adp")]
