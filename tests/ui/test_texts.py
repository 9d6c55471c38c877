import subprocess
import sys
from pathlib import Path

import defusedxml.ElementTree
from PySide6.QtCore import QCoreApplication, QTranslator

import labmon_ui
from labmon.domain.errors import Cancelled, UserError
from labmon.domain.issue import Issue, Place
from labmon_ui.texts import error_message, issue_advice, issue_sentence, tr, tr_count


class German(QTranslator):
    """Two sentences, as a translation file would hold them."""

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        # None, not "": an empty translation is one
        return {
            ("", "Cancel"): "Abbrechen",
            ("R807", '{what} "{code}" is not on record.'): "{what} „{code}“ ist nicht verzeichnet.",
        }.get((context, text))

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False


def test_that_an_error_becomes_a_sentence_with_place_and_advice() -> None:
    error = UserError("I016", place=Place(sheet="Results", row=84, column=3), raw="1,2,3", what="a Cq")

    message = error_message(error, "run_22.csv was not imported", kept="Nothing was written.")

    assert message.what == '"1,2,3" could not be read as a Cq. The other readings are kept.'
    assert (message.where, message.code) == ("Results!C84", "I016")
    assert message.advice == "Look at the original row."
    assert message.kept == "Nothing was written."


def test_that_stopping_is_no_error_and_a_mistake_is_ours() -> None:
    assert error_message(Cancelled(), "Reading").what == "Stopped as you asked."
    assert "labmon made a mistake" in error_message(KeyError("x"), "Reading").what


def test_that_texts_and_catalogue_sentences_pass_the_translator(qapp) -> None:
    german = German()
    QCoreApplication.installTranslator(german)
    try:
        cancel = tr("Cancel")
        sentence = error_message(UserError("R807", what="Patient", code="P-1"), "Suche").what
        untouched = tr("Close")
    finally:
        QCoreApplication.removeTranslator(german)

    assert (cancel, sentence, untouched) == ("Abbrechen", "Patient „P-1“ ist nicht verzeichnet.", "Close")


def test_that_an_issue_says_what_and_what_to_do() -> None:
    issue = Issue(code="Q102", parameters={"detected": 1, "total": 3})

    assert issue_sentence(issue) == "1 of 3 wells have a Cq."
    assert issue_advice(issue) == "The specimen counts as detected, below LLOQ."


def test_that_one_is_not_many() -> None:
    assert tr_count(1, "{n} task", "{n} tasks") == "1 task"
    assert tr_count(11, "{n} task", "{n} tasks") == "11 tasks"


def test_that_lupdate_finds_the_texts_of_code_and_of_tables_where_tr_looks_for_them(tmp_path: Path) -> None:
    package = Path(labmon_ui.__file__).parent
    lupdate = Path(sys.executable).with_name("pyside6-lupdate")
    found = tmp_path / "labmon.ts"

    subprocess.run(
        [lupdate, package / "actions.py", package / "dialogs" / "reason.py", "-ts", found],
        check=True,
        capture_output=True,
    )

    contexts = defusedxml.ElementTree.parse(found).getroot().findall("context")
    texts = {source.text for context in contexts for source in context.iter("source")}
    assert [context.findtext("name") or "" for context in contexts] == [""]
    assert {"Choose a reason first.", "Accept this file", "Everywhere"} <= texts
