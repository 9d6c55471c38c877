import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.errors import UserError
from labmon.workflow.import_answers import MappingRule, RuleMatch, RuleSubject, preview, specimen_codes
from labmon.workflow.import_plan import PlanState

from .conftest import Laboratory
from .making import qpcr_text

REACTION = Analyte.TRANSGENE_COPIES_PER_REACTION
HABIT = MappingRule(
    subject=RuleSubject.SAMPLE,
    match=RuleMatch.PATTERN,
    text=r"p(?P<n>\d+) day (?P<d>\d+)",
    becomes="P-{n:03d}-D{d:03d}",
)
MIX = MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.EXACT, text="mix 2", becomes="P-002-D014")
TARGET = MappingRule(subject=RuleSubject.TARGET, match=RuleMatch.EXACT, text="LVV-psi", becomes="transgene")


def test_that_a_mapping_made_later_lets_the_rejected_rows_in_and_nothing_twice(lab: Laboratory) -> None:
    content = qpcr_text({"P-001-D014": 800.0, "mix 2": 300.0, "p1 day 28": 90.0})
    lab.bring("run.txt", content)
    first = lab.one("P-001-D014", REACTION)
    with lab.study.reading() as record:
        assert 2 == len(record.files()[0].rejected)

    lab.importing.remember(MIX)
    lab.importing.remember(HABIT)
    plan = lab.plan("run.txt", content)
    report = lab.importing.commit(lab.folder / "run.txt", plan)

    assert [PlanState.IDENTICAL, PlanState.NEW, PlanState.NEW] == [entry.state for entry in plan.entries]
    assert 2 == report.written
    assert first == lab.one("P-001-D014", REACTION)
    assert (300.0, 90.0) == tuple(lab.one(c, REACTION).quantity.value for c in ("P-002-D014", "P-001-D028"))
    with lab.study.reading() as record:
        assert 1 == len(record.files())
        assert () == record.files()[0].rejected
        assert 1 == len(record.runs())


def test_that_a_target_nobody_knows_rejects_its_wells_until_it_is_mapped(lab: Laboratory) -> None:
    content = qpcr_text({"P-001-D014": 800.0}, target="LVV-psi")
    assert {PlanState.REJECTED} == {entry.state for entry in lab.plan("run.txt", content).entries}

    lab.importing.remember(TARGET)
    lab.bring("run.txt", content)

    assert 800.0 == lab.one("P-001-D014", REACTION).quantity.value


def test_that_a_plan_made_before_a_mapping_is_stale(lab: Laboratory) -> None:
    plan = lab.plan("run.txt", qpcr_text({"mix 2": 300.0}))
    lab.importing.remember(MIX)
    before = lab.content()

    with pytest.raises(UserError, match="R808"):
        lab.importing.commit(lab.folder / "run.txt", plan)
    assert before == lab.content()


def test_that_a_forgotten_mapping_no_longer_applies_and_its_results_stay(lab: Laboratory) -> None:
    lab.importing.remember(MIX)
    lab.bring("run.txt", qpcr_text({"mix 2": 300.0}))
    (stored,) = lab.importing.mapping_rules()

    lab.importing.forget(stored.rule_id, "named wrongly")

    assert () == lab.importing.mapping_rules()
    assert 300.0 == lab.one("P-002-D014", REACTION).quantity.value
    other = lab.plan("other.txt", qpcr_text({"mix 2": 50.0}))
    assert [PlanState.REJECTED] == [entry.state for entry in other.entries]
    with lab.study.reading() as record:
        assert "named wrongly" == record.audit_entries(entity="mapping_rule")[-1].reason


def test_that_a_rule_shows_what_it_would_make_of_names_before_it_is_remembered(lab: Laboratory) -> None:
    shown = preview(HABIT, ["p1 day 14", "p7 day 1", "NTC"], specimen_codes(lab.study))

    assert [("P-001-D014", True), ("P-007-D001", False), (None, False)] == [
        (each.becomes, each.is_on_record) for each in shown
    ]
