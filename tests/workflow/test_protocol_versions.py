"""Versions of a protocol: recorded on first use, unchanged from then on, changed only by an explicit act."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from labmon.criteria.protocol_text import read_protocol_text
from labmon.domain.actor import Actor
from labmon.domain.audit import Act
from labmon.domain.change_set import ChangedPart
from labmon.domain.errors import UserError
from labmon.records.study import Study
from labmon.resources import read_text
from labmon.workflow.adopt_protocol import AdoptProtocol
from labmon.workflow.assess import Assess
from labmon.workflow.study_protocol import study_protocol, version_in_use

ACTOR = Actor(person="coordinator C", role="coordinator", workstation="office")
SHIPPED = read_text("protocols", "nct06389305.toml")
OLDEST = Path(__file__).parents[1] / "data" / "records" / "schema_0001.labmon"


@pytest.fixture
def study(tmp_path: Path):
    """A record with one patient and one sample of 4120 copies/µg on day 14."""
    path = tmp_path / "study.labmon"
    shutil.copy(OLDEST, path)
    study = Study.open(path)
    yield study
    study.close()


def a_file(tmp_path: Path, version: str, *changes: tuple[str, str]) -> Path:
    text = SHIPPED.replace('version = "1.0"', f'version = "{version}"', 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / f"site-{version}.toml"
    path.write_text(text, encoding="utf-8")
    return path


CUTOFF = ('comparison = "<", value = 50, unit = "copies/ug"', 'comparison = "<", value = 40, unit = "copies/ug"')


def test_that_the_first_assessment_records_which_version_it_was_made_under(study: Study) -> None:
    assert version_in_use(study) is None

    Assess(study).all_patients()

    with study.reading() as record:
        (use,) = record.protocol_uses()
        (entry,) = record.audit_entries(entity="protocol")
    assert ("NCT06389305", "1.0", "nct06389305") == (use.protocol_id, use.version, use.origin)
    assert read_protocol_text("nct06389305").content_sha256 == use.content_sha256
    assert SHIPPED == use.content
    assert Act.USE_PROTOCOL is entry.act


def test_that_later_assessments_record_nothing_more(study: Study) -> None:
    Assess(study).all_patients()
    Assess(study).patient("P-001")

    with study.reading() as record:
        assert 1 == len(record.protocol_uses())


def test_that_comments_and_layout_are_not_content_and_numbers_are(tmp_path: Path) -> None:
    spaced = tmp_path / "spaced.toml"
    spaced.write_text("# a remark\n" + SHIPPED.replace("schema = 1", "schema   =   1"), encoding="utf-8")

    shipped = read_protocol_text("nct06389305").content_sha256

    assert shipped == read_protocol_text(spaced).content_sha256
    assert shipped != read_protocol_text(a_file(tmp_path, "1.0", CUTOFF)).content_sha256


def test_that_a_file_changed_under_a_used_version_is_refused_and_says_to_raise_it(study: Study, tmp_path: Path) -> None:
    Assess(study).all_patients()

    with pytest.raises(UserError) as refused:
        AdoptProtocol(study, ACTOR).plan(a_file(tmp_path, "1.0", CUTOFF))

    assert "P704" == refused.value.code
    assert "1.0" in str(refused.value)


def test_that_a_shipped_file_changed_under_a_used_version_is_refused_when_the_study_is_assessed(
    study: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Assess(study).all_patients()
    monkeypatch.setattr("labmon.criteria.protocol.resource_path", lambda *_parts: a_file(tmp_path, "1.0", CUTOFF))

    with pytest.raises(UserError, match="P704"):
        Assess(study).all_patients()


def test_that_a_newer_shipped_version_changes_nothing_until_it_is_adopted(
    study: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Assess(study).all_patients()
    monkeypatch.setattr("labmon.criteria.protocol.resource_path", lambda *_parts: a_file(tmp_path, "2.0", CUTOFF))

    assert "1.0" == study_protocol(study).version
    assert 50 == study_protocol(study).rule("R1").cutoff.value  # type: ignore[union-attr] # R1 is a transgene loss


def test_that_adopting_a_version_is_one_audited_act_with_its_reason_and_what_it_changes(
    study: Study, tmp_path: Path
) -> None:
    assess = Assess(study)
    before = {f.rule_id: f for f in assess.patient("P-001", as_of=date(2026, 2, 1)).findings}
    adopting = AdoptProtocol(study, ACTOR)

    plan = adopting.plan(a_file(tmp_path, "1.1", CUTOFF))
    changes = adopting.adopt(plan, "site amendment 2")
    assess.forget(changes)
    after = {f.rule_id: f for f in assess.patient("P-001", as_of=date(2026, 2, 1)).findings}

    with study.reading() as record:
        entry = record.audit_entries(entity="protocol")[-1]
        assert record.first_broken_audit_entry() is None
    assert ("1.0", 'version: "1.0" became "1.1"') == (plan.old_version, plan.differences[0])
    assert "rule R1, cutoff: <\u00a050\u00a0copies/µg became <\u00a040\u00a0copies/µg" in plan.differences
    assert (Act.ADOPT_PROTOCOL, "site amendment 2", "coordinator C") == (entry.act, entry.reason, entry.person)
    assert entry.old_value is not None
    assert entry.new_value is not None
    assert '"version":"1.0"' in entry.old_value
    assert "cutoff" in entry.new_value
    assert changes.parts == {ChangedPart.PROTOCOL}
    assert ("1.0", "1.1") == (before["R1"].protocol_version, after["R1"].protocol_version)
    assert 40 == after["R1"].thresholds[0].value


def test_that_a_plan_writes_nothing_and_names_the_findings_that_would_change(study: Study, tmp_path: Path) -> None:
    Assess(study).all_patients()
    before = study.path.read_bytes()
    kinds = ('costimulation = ["4_1bb"]', 'costimulation = ["4_1bb", "unknown"]')

    patient_watching = ('value = 35, unit = "d"', 'value = 3500, unit = "d"')  # one sample on day 14, long ago

    plan = AdoptProtocol(study, ACTOR).plan(a_file(tmp_path, "1.1", kinds, patient_watching))

    assert {"R1"} <= {change.rule_id for change in plan.changes}
    assert "P-001 R1: not evaluable became not met" in [change.text for change in plan.changes]
    assert before == study.path.read_bytes()


def test_that_adopting_what_is_in_use_changes_nothing(study: Study, tmp_path: Path) -> None:
    adopting = AdoptProtocol(study, ACTOR)
    path = a_file(tmp_path, "1.1", CUTOFF)
    assert adopting.adopt(adopting.plan(path), "amendment")

    assert not adopting.adopt(adopting.plan(path), "once more")
    assert "1.1" == adopting.version_in_use()


def test_that_going_back_to_an_earlier_version_is_an_act_too(study: Study, tmp_path: Path) -> None:
    adopting = AdoptProtocol(study, ACTOR)
    adopting.adopt(adopting.plan(a_file(tmp_path, "1.1", CUTOFF)), "amendment")

    adopting.adopt(adopting.plan(a_file(tmp_path, "1.0")), "amendment withdrawn")

    with study.reading() as record:
        assert ["1.0", "1.1", "1.0"] == [use.version for use in record.protocol_uses()]
    assert 50 == study_protocol(study).rule("R1").cutoff.value  # type: ignore[union-attr] # R1 is a transgene loss


def test_that_a_version_is_not_adopted_without_a_reason_nor_another_protocol_at_all(
    study: Study, tmp_path: Path
) -> None:
    adopting = AdoptProtocol(study, ACTOR)
    plan = adopting.plan(a_file(tmp_path, "1.1", CUTOFF))
    foreign = a_file(tmp_path, "1.2", ('id = "NCT06389305"', 'id = "NCT99999999"'))

    with pytest.raises(UserError, match="reason"):
        adopting.adopt(plan, "  ")
    with pytest.raises(UserError, match="NCT99999999"):
        adopting.plan(foreign)
