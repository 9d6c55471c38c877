from pytestqt.qtbot import QtBot

from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon_ui.changes import Changes


def test_that_a_change_is_broadcast_and_no_change_is_not(qtbot: QtBot) -> None:
    changes = Changes()
    heard: list[ChangeSet] = []
    changes.changed.connect(heard.append)
    change = ChangeSet(parts=frozenset({ChangedPart.RESULTS}), patient_codes=frozenset({"DEMO-014"}))

    changes.announce(ChangeSet())
    changes.announce(change)

    assert heard == [change]
