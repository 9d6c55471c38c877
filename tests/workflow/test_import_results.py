import os
from pathlib import Path

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.audit import Act
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.errors import UserError
from labmon.domain.quantity import ValueState
from labmon.workflow.import_plan import Decision, ImportPlan, PlanState

from .conftest import Laboratory
from .making import qpcr_text, qubit_csv

REACTION = Analyte.TRANSGENE_COPIES_PER_REACTION
PER_UG = Analyte.TRANSGENE_COPIES_PER_UG_DNA
PER_UL = Analyte.TRANSGENE_COPIES_PER_UL_BLOOD
DNA = Analyte.GDNA_CONC_NG_PER_UL


def states(plan: ImportPlan) -> dict[str, PlanState]:
    return {entry.title.partition(" · ")[0]: entry.state for entry in plan.entries}


def test_that_a_plan_shows_what_would_happen_and_writes_nothing(lab: Laboratory) -> None:
    lab.bring("run1.txt", qpcr_text({"P-001-D014": 800.0, "P-001-D028": 90.0}))
    before = lab.content()

    plan = lab.plan(
        "run2.txt",
        qpcr_text({"P-001-D014": 800.0, "P-001-D028": 400.0, "P-002-D014": 3000.0, "mix 2": 50.0}),
    )

    assert {
        "P-001-D014": PlanState.IDENTICAL,
        "P-001-D028": PlanState.CONFLICTING,
        "P-002-D014": PlanState.NEW,
        "mix 2": PlanState.REJECTED,
    } == states(plan)
    assert not plan.is_ready
    assert (1, 1) == (plan.open_conflicts, plan.adds)
    assert before == lab.content()


def test_that_a_plan_tells_what_stands_on_record_and_what_is_offered(lab: Laboratory) -> None:
    lab.bring("run1.txt", qpcr_text({"P-001-D028": 90.0}, run_name="CAR 0201"))

    plan = lab.plan("run2.txt", qpcr_text({"P-001-D028": 400.0}, run_name="CAR 0202"))

    (entry,) = plan.entries
    assert "90.0\u00a0copies/reaction (CAR 0201)" == entry.recorded
    assert "400\u00a0copies/reaction" == entry.offered
    assert entry.issue is not None
    assert "I204" == entry.issue.code


def test_that_an_accepted_file_is_on_record_whole_with_its_bytes_and_one_audit_entry(lab: Laboratory) -> None:
    content = qpcr_text({"P-001-D014": 800.0, "P-001-D028": None, "mix 2": 50.0})
    report = lab.bring("run1.txt", content)

    first = lab.one("P-001-D014", REACTION)
    with lab.study.reading() as record:
        (stored,) = record.files()
        (entry,) = [e for e in record.audit_entries() if e.act is Act.IMPORT_FILE]
        kept = record.file_content(stored.file_sha256)
    assert content == kept
    assert 2 == report.written
    assert (800.0, "technician A") == (first.quantity.value, first.released_by)
    assert ValueState.NOT_DETECTED is lab.one("P-001-D028", REACTION).quantity.state
    assert ["I117"] == [issue.code for issue in stored.rejected]
    assert stored.file_sha256 == entry.source_file_sha256
    assert {ChangedPart.FILES, ChangedPart.RESULTS, ChangedPart.RUNS} == report.changes.parts
    assert {"P-001"} == report.changes.patient_codes


def test_that_every_result_leads_back_to_its_place_in_the_file(lab: Laboratory) -> None:
    lab.bring("run1.txt", qpcr_text({"P-001-D014": 800.0}))

    provenance = lab.one("P-001-D014", REACTION).draft.provenance
    lines = (lab.folder / "run1.txt").read_text().splitlines()

    assert provenance
    for source in provenance:
        assert source.place.row is not None
        assert source.raw in lines[source.place.row - 1].split("\t")


def test_that_the_same_file_again_changes_nothing(lab: Laboratory) -> None:
    content = qpcr_text({"P-001-D014": 800.0, "P-001-D028": None, "mix 2": 50.0})
    lab.bring("run1.txt", content)
    before = lab.content()

    plan = lab.plan("run1.txt", content)
    report = lab.importing.commit(lab.folder / "run1.txt", plan)

    assert [PlanState.IDENTICAL, PlanState.IDENTICAL, PlanState.REJECTED] == [e.state for e in plan.entries]
    assert ["I005"] == [issue.code for issue in plan.issues]
    assert ChangeSet() == report.changes
    assert before == lab.content()


def test_that_the_same_content_under_another_name_changes_nothing(lab: Laboratory) -> None:
    content = qpcr_text({"P-001-D014": 800.0})
    lab.bring("run1.txt", content)
    before = lab.content()

    lab.bring("copy of run1.txt", content)

    assert before == lab.content()


@pytest.mark.parametrize("dna_first", [True, False])
def test_that_copies_per_microgram_do_not_depend_on_which_file_came_first(lab: Laboratory, dna_first: bool) -> None:
    files = [("dna.csv", qubit_csv({"P-001-D014": 40.0})), ("run.txt", qpcr_text({"P-001-D014": 800.0}))]
    for name, content in files if dna_first else reversed(files):
        lab.bring(name, content)

    # 5 µL of 40 ng/µL are 200 ng: 800 copies in them are 4,000 a µg. 50 µL of eluate from 200 µL of blood: 0.01 µg/µL.
    assert 4000.0 == pytest.approx(lab.one("P-001-D014", PER_UG).quantity.value)
    assert 40.0 == pytest.approx(lab.one("P-001-D014", PER_UL).quantity.value)
    assert lab.one("P-001-D014", PER_UG).counts


def test_that_without_dna_the_result_per_microgram_waits_and_says_for_what(lab: Laboratory) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D028": 800.0}))

    waiting = lab.one("P-001-D028", PER_UG)

    assert ValueState.NO_RESULT is waiting.quantity.state
    assert "DNA mass missing" == waiting.draft.held_reason
    assert not waiting.counts


def test_that_a_run_outside_its_limits_is_held_and_a_good_repeat_supersedes_it_unasked(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run1.txt", qpcr_text({"P-001-D014": 500.0}, run_name="CAR 0201", ntc=33.0))
    held = lab.one("P-001-D014", REACTION)

    plan = lab.plan(
        "run2.txt", qpcr_text({"P-001-D014": 800.0}, run_name="CAR 0202", started="2026-02-11 09:10:00 AM CET")
    )
    (entry,) = plan.entries
    lab.importing.commit(lab.folder / "run2.txt", plan)

    assert held.is_held
    assert PlanState.NEW is entry.state
    assert entry.note is not None
    assert entry.note.startswith("repeats CAR 0201: ")
    repeat = lab.one("P-001-D014", REACTION)
    assert (held.result_id, 2, True) == (repeat.supersedes, repeat.version, repeat.counts)
    assert 4000.0 == pytest.approx(lab.one("P-001-D014", PER_UG).quantity.value)


def test_that_the_held_file_again_changes_nothing_after_its_repeat(lab: Laboratory) -> None:
    failed = qpcr_text({"P-001-D014": 500.0}, run_name="CAR 0201", ntc=33.0)
    lab.bring("run1.txt", failed)
    lab.bring("run2.txt", qpcr_text({"P-001-D014": 800.0}, run_name="CAR 0202", started="2026-02-11 09:10:00 AM CET"))
    before = lab.content()

    plan = lab.plan("run1.txt", failed)
    lab.importing.commit(lab.folder / "run1.txt", plan)

    assert [PlanState.IDENTICAL] == [entry.state for entry in plan.entries]
    assert plan.entries[0].note is not None
    assert "superseded" in plan.entries[0].note
    assert before == lab.content()


def test_that_a_failed_repeat_is_asked_about_and_a_good_one_after_it_too(lab: Laboratory) -> None:
    """Beside a released result another value is a question, whatever else waits on record."""
    lab.bring("run1.txt", qpcr_text({"P-001-D014": 800.0}, run_name="CAR 0201"))
    lab.bring("run2.txt", qpcr_text({"P-001-D014": 500.0}, run_name="CAR 0202", ntc=33.0), Decision.KEEP_AS_REPEAT)

    plan = lab.plan("run3.txt", qpcr_text({"P-001-D014": 950.0}, run_name="CAR 0203"))

    assert [PlanState.CONFLICTING] == [entry.state for entry in plan.entries]
    assert plan.entries[0].recorded == "800\u00a0copies/reaction (CAR 0201)"


def test_that_a_file_with_an_undecided_conflict_is_refused(lab: Laboratory) -> None:
    lab.bring("run1.txt", qpcr_text({"P-001-D014": 800.0}))
    before = lab.content()

    with pytest.raises(UserError, match="R808"):
        lab.bring("run2.txt", qpcr_text({"P-001-D014": 900.0, "P-001-D028": 60.0}, run_name="CAR 0202"))
    assert before == lab.content()


def conflict(lab: Laboratory, decision: Decision) -> tuple[float | None, ...]:
    """The values on record after a second run was decided upon, oldest first."""
    lab.bring("run1.txt", qpcr_text({"P-001-D014": 800.0}))
    second = qpcr_text({"P-001-D014": 900.0, "P-001-D028": 60.0}, run_name="CAR 0202")
    lab.bring("run2.txt", second, decision)
    assert 60.0 == lab.one("P-001-D028", REACTION).quantity.value
    return tuple(result.quantity.value for result in lab.current("P-001-D014", REACTION))


def test_that_both_values_stand_when_the_second_is_kept_as_a_repeat(lab: Laboratory) -> None:
    assert (800.0, 900.0) == conflict(lab, Decision.KEEP_AS_REPEAT)


def test_that_a_replaced_value_is_superseded_and_stays_in_the_record(lab: Laboratory) -> None:
    assert (900.0,) == conflict(lab, Decision.REPLACE)
    with lab.study.reading() as record:
        versions = record.result_versions(lab.one("P-001-D014", REACTION).result_id)
    assert [900.0, 800.0] == [version.quantity.value for version in versions]


def test_that_a_rejected_row_is_left_out_and_the_rest_of_its_file_comes_in(lab: Laboratory) -> None:
    assert (800.0,) == conflict(lab, Decision.REJECT)
    with lab.study.reading() as record:
        assert ["I204"] == [issue.code for issue in record.files()[-1].rejected]


@pytest.mark.parametrize("decision", list(Decision))
def test_that_a_decided_file_again_asks_nothing_and_changes_nothing(lab: Laboratory, decision: Decision) -> None:
    conflict(lab, decision)
    before = lab.content()

    for name in ("run1.txt", "run2.txt"):
        plan = lab.plan(name, (lab.folder / name).read_bytes())
        assert plan.is_ready, plan.entries
        lab.importing.commit(lab.folder / name, plan)

    assert before == lab.content()


def test_that_a_plan_made_before_the_record_changed_is_refused_and_writes_nothing(lab: Laboratory) -> None:
    stale = lab.plan("run1.txt", qpcr_text({"P-001-D014": 800.0}, run_name="CAR 0201"))
    lab.bring("run2.txt", qpcr_text({"P-001-D014": 900.0}, run_name="CAR 0202"))
    before = lab.content()

    with pytest.raises(UserError, match=r"R808 .*changed since this plan"):
        lab.importing.commit(lab.folder / "run1.txt", stale)
    assert before == lab.content()


@pytest.mark.parametrize("what", ["changed", "vanished", "a folder"])
def test_that_a_file_that_is_no_longer_what_was_read_is_refused(lab: Laboratory, what: str) -> None:
    plan = lab.plan("run1.txt", qpcr_text({"P-001-D014": 800.0}))
    path = lab.folder / "run1.txt"
    path.unlink()
    if what == "changed":
        path.write_bytes(qpcr_text({"P-001-D014": 801.0}))
    elif what == "a folder":
        path.mkdir()
    before = lab.content()

    with pytest.raises(UserError, match="I011"):
        lab.importing.commit(path, plan)
    assert before == lab.content()


def test_that_two_files_of_one_run_name_get_codes_of_their_own(lab: Laboratory) -> None:
    lab.bring("monday.txt", qpcr_text({"P-001-D014": 800.0}, run_name="CAR"))
    lab.bring("tuesday.txt", qpcr_text({"P-002-D014": 90.0}, run_name="CAR"))

    with lab.study.reading() as record:
        assert ["CAR", "CAR-2"] == [run.run_code for run in record.runs()]


def test_that_a_refused_file_leaves_the_record_alone(lab: Laboratory, tmp_path: Path) -> None:
    before = lab.content()
    (tmp_path / "empty.txt").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.txt")

    for name in ("empty.txt", "pipe.txt", "missing.txt"):
        with pytest.raises(UserError):
            lab.importing.read(tmp_path / name)
    assert before == lab.content()
