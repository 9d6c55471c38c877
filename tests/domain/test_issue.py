import pickle
import string

import pytest

from labmon.domain.errors import UserError
from labmon.domain.issue import CATALOGUE, Issue, Place, Severity


@pytest.mark.parametrize(
    ("place", "locator"),
    [
        (Place(sheet="Results", row=45, column=3), "Results!C45"),
        (Place(sheet="Results", row=45, column=28), "Results!AB45"),
        (Place(sheet="Results", row=45), "Results!R45"),
        (Place(sheet="Results"), "Results"),
        (Place(row=12), "line 12"),
        (Place(row=12, column=4), "line 12, column 4"),
        (Place(element="/Workspace/Sample[2]"), "/Workspace/Sample[2]"),
        (Place(), "the file"),
    ],
)
def test_that_a_place_says_where_a_person_finds_it(place: Place, locator: str) -> None:
    assert locator == str(place)


@pytest.mark.parametrize("code", CATALOGUE)
def test_that_every_code_has_a_meaning_a_sentence_and_advice(code: str) -> None:
    entry = CATALOGUE[code]

    assert entry.meaning
    assert entry.template[-1] in ".}"
    assert entry.advice[-1] in ".}"
    assert entry.severity in Severity


def test_that_a_sentence_says_what_was_not_stated_instead_of_failing() -> None:
    names = {name for entry in CATALOGUE.values() for _, name, _, _ in string.Formatter().parse(entry.template) if name}
    assert names

    for entry in CATALOGUE.values():
        assert entry.sentence({})


def test_that_an_unknown_code_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        Issue(code="X999")
    with pytest.raises(KeyError):
        UserError("X999")


def test_that_an_error_keeps_code_place_and_parameters_on_its_way_between_processes() -> None:
    error = UserError("I002", place=Place(row=3), detail="cut short")
    copy = pickle.loads(pickle.dumps(error))

    assert (error.code, error.place, dict(error.parameters)) == (copy.code, copy.place, dict(copy.parameters))
    assert "I002 line 3: The file is damaged or cut short: cut short." == str(copy)


def test_that_an_issue_that_stops_an_act_becomes_an_error_with_its_sentence() -> None:
    issue = Issue(code="C503", parameters={"what": "Patient", "code": "P-9"})

    assert issue.message in str(UserError.from_issue(issue))
