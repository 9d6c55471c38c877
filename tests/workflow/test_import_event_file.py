import dataclasses
from pathlib import Path

import pytest

from labmon.domain.errors import UserError

from .conftest import Laboratory

EVENTS = Path(__file__).parents[1] / "data" / "fcs" / "two_events.fcs"


def test_that_an_event_file_is_no_row_to_decide_and_says_what_to_import_instead(lab: Laboratory) -> None:
    plan = lab.plan("two_events.fcs", EVENTS.read_bytes())

    assert ((), 0, None) == (plan.entries, plan.adds, plan.blocking)
    (note,) = plan.reading.issues
    assert "2 events of 2 parameters" in note.message
    assert "FlowJo workspace" in note.advice


def test_that_a_file_larger_than_the_record_keeps_is_refused_before_it_is_read_again(lab: Laboratory) -> None:
    plan = lab.plan("two_events.fcs", EVENTS.read_bytes())
    large = dataclasses.replace(plan, reading=dataclasses.replace(plan.reading, size_bytes=(100 << 20) + 1))
    before = lab.content()

    with pytest.raises(UserError, match="I012"):
        lab.importing.commit(lab.folder / "two_events.fcs", large)

    assert before == lab.content()
