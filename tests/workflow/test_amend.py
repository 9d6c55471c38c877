import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.audit import Act
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.errors import UserError
from labmon.domain.quantity import ValueState
from labmon.domain.run import Acceptance
from labmon.workflow.amend import Amend
from labmon.workflow.import_plan import Decision

from .conftest import ACTOR, Laboratory
from .making import qpcr_text, qubit_csv

REACTION = Analyte.TRANSGENE_COPIES_PER_REACTION
PER_UG = Analyte.TRANSGENE_COPIES_PER_UG_DNA
PER_UL = Analyte.TRANSGENE_COPIES_PER_UL_BLOOD
DNA = Analyte.GDNA_CONC_NG_PER_UL
CLOTTED = "specimen clotted or haemolysed"


@pytest.fixture
def amend(lab: Laboratory) -> Amend:
    return Amend(lab.study, ACTOR)


def bring_both(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0}))


def test_that_an_excluded_result_stays_visible_but_no_longer_counts(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)
    changes = amend.exclude_result(lab.one("P-001-D014", PER_UG).result_id, CLOTTED)

    excluded = lab.one("P-001-D014", PER_UG)
    assert (4000.0, CLOTTED, "technician A", False) == (
        pytest.approx(excluded.quantity.value),
        excluded.draft.excluded_reason,
        excluded.excluded_by,
        excluded.counts,
    )
    assert ChangeSet(parts=frozenset({ChangedPart.RESULTS}), patient_codes=frozenset({"P-001"})) == changes
    with lab.study.reading() as record:
        entry = record.audit_entries()[-1]
    assert (Act.EXCLUDE_RESULT, CLOTTED, "technician A") == (entry.act, entry.reason, entry.person)


def test_that_an_exclusion_is_taken_back_with_a_reason(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)
    amend.exclude_result(lab.one("P-001-D014", PER_UG).result_id, CLOTTED)
    amend.include_result(lab.one("P-001-D014", PER_UG).result_id, "another tube was meant")

    included = lab.one("P-001-D014", PER_UG)
    assert included.counts
    assert (3, None) == (included.version, included.excluded_by)
    with lab.study.reading() as record:
        assert [Act.EXCLUDE_RESULT, Act.INCLUDE_RESULT] == [e.act for e in record.audit_entries(entity="result")[-2:]]


@pytest.mark.parametrize("reason", ["", "  "])
def test_that_no_amendment_is_made_without_a_reason(lab: Laboratory, amend: Amend, reason: str) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D014": 500.0}, ntc=33.0))
    result_id = lab.one("P-001-D014", REACTION).result_id
    before = lab.content()

    for act in (
        lambda: amend.exclude_result(result_id, reason),
        lambda: amend.include_result(result_id, reason),
        lambda: amend.accept_run("CAR 0201", reason),
    ):
        with pytest.raises(UserError, match="R808"):
            act()
    assert before == lab.content()


def test_that_excluding_what_is_excluded_changes_nothing(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)
    amend.exclude_result(lab.one("P-001-D014", PER_UG).result_id, CLOTTED)
    before = lab.content()

    assert not amend.exclude_result(lab.one("P-001-D014", PER_UG).result_id, CLOTTED)
    assert before == lab.content()


def test_that_a_version_already_superseded_is_not_amended(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)
    stale = lab.one("P-001-D014", PER_UG).result_id
    amend.exclude_result(stale, CLOTTED)

    with pytest.raises(UserError, match="R808"):
        amend.exclude_result(stale, "sample swap suspected")


def test_that_what_was_derived_from_an_excluded_reaction_goes_and_returns_with_it(
    lab: Laboratory, amend: Amend
) -> None:
    bring_both(lab)
    derived = [lab.one("P-001-D014", analyte).quantity for analyte in (PER_UG, PER_UL)]

    amend.exclude_result(lab.one("P-001-D014", REACTION).result_id, CLOTTED)
    assert [CLOTTED, CLOTTED] == [lab.one("P-001-D014", a).draft.excluded_reason for a in (PER_UG, PER_UL)]
    assert "technician A" == lab.one("P-001-D014", PER_UG).excluded_by

    amend.include_result(lab.one("P-001-D014", REACTION).result_id, "mistaken")
    assert all(lab.one("P-001-D014", analyte).counts for analyte in (PER_UG, PER_UL))
    assert derived == [lab.one("P-001-D014", analyte).quantity for analyte in (PER_UG, PER_UL)]


def test_that_without_its_dna_a_derived_result_keeps_its_place_without_a_number(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)
    derived = [lab.one("P-001-D014", analyte).quantity for analyte in (PER_UG, PER_UL)]

    amend.exclude_result(lab.one("P-001-D014", DNA).result_id, CLOTTED)
    for analyte in (PER_UG, PER_UL):
        without = lab.one("P-001-D014", analyte)
        assert (ValueState.NO_RESULT, False) == (without.quantity.state, without.counts)

    amend.include_result(lab.one("P-001-D014", DNA).result_id, "mistaken")
    assert derived == [lab.one("P-001-D014", analyte).quantity for analyte in (PER_UG, PER_UL)]
    assert all(lab.one("P-001-D014", analyte).counts for analyte in (PER_UG, PER_UL))


def test_that_an_exclusion_of_a_derived_result_outlives_a_new_dna_concentration(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)
    amend.exclude_result(lab.one("P-001-D014", PER_UG).result_id, CLOTTED)

    lab.bring("dna2.csv", qubit_csv({"P-001-D014": 80.0}, run_id="2026-02-12"), Decision.REPLACE)

    remade = lab.one("P-001-D014", PER_UG)
    assert 2000.0 == pytest.approx(remade.quantity.value)
    assert (CLOTTED, "technician A") == (remade.draft.excluded_reason, remade.excluded_by)


def test_that_accepting_a_held_run_releases_its_results_and_what_follows_from_them(
    lab: Laboratory, amend: Amend
) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0, "P-002-D014": 60.0}, ntc=33.0))
    assert not lab.one("P-001-D014", PER_UG).counts

    changes = amend.accept_run("CAR 0201", "the failing check does not affect these results")

    assert lab.one("P-001-D014", REACTION).counts
    assert lab.one("P-001-D014", PER_UG).counts
    assert {"P-001", "P-002"} == changes.patient_codes
    assert {ChangedPart.RUNS, ChangedPart.RESULTS} == changes.parts
    with lab.study.reading() as record:
        run = record.run("CAR 0201")
        (entry,) = record.audit_entries(entity="run")
    assert Acceptance.ACCEPTED is run.acceptance
    assert ("the failing check does not affect these results", "held") == (entry.reason, entry.old_value)


def test_that_a_result_its_own_value_holds_stays_held_when_its_run_is_accepted(lab: Laboratory, amend: Amend) -> None:
    # collected on the 24th of January, so a run on the 20th cannot have measured it
    early = qpcr_text({"P-001-D014": 800.0}, started="2026-01-20 09:10:00 AM CET", ntc=33.0)
    lab.bring("run.txt", early)

    amend.accept_run("CAR 0201", "confirmed by an independent method")

    held = lab.one("P-001-D014", REACTION)
    assert held.is_held
    assert "The run was started on 2026-01-20, the specimen was collected on 2026-01-24" == held.draft.held_reason


def test_that_a_run_is_accepted_once_and_an_unknown_one_never(lab: Laboratory, amend: Amend) -> None:
    bring_both(lab)

    with pytest.raises(UserError, match="R808"):
        amend.accept_run("CAR 0201", "again")
    with pytest.raises(UserError, match="R807"):
        amend.accept_run("CAR 9999", "no such run")


def test_that_an_accepted_file_again_changes_nothing(lab: Laboratory, amend: Amend) -> None:
    content = qpcr_text({"P-001-D014": 800.0}, ntc=33.0)
    lab.bring("run.txt", content)
    amend.accept_run("CAR 0201", "the limit was entered wrongly")
    before = lab.content()

    lab.bring("run.txt", content)

    assert before == lab.content()
