import re
from pathlib import Path

import pytest

from labmon.criteria.limit import Limit, SourceStatus
from labmon.criteria.protocol import load_protocol, read_protocol, rule_of
from labmon.criteria.rule_kinds import BCellRecoveryRule, EarlyFunctionalLossRule, TransgeneLossRule
from labmon.criteria.trial_sections import AnsweredByRule
from labmon.domain.errors import UserError
from labmon.resources import read_text

SHIPPED = read_text("protocols", "nct06389305.toml")


def refusal_of(old: str, new: str) -> UserError:
    """The error of the shipped file with one thing in it changed."""
    assert old in SHIPPED
    with pytest.raises(UserError) as error:
        read_protocol(SHIPPED.replace(old, new, 1), "site.toml")
    assert error.value.code == "P701"
    return error.value


def line_of(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if needle in line)


def test_that_the_shipped_protocol_states_every_rule_and_every_criterion() -> None:
    protocol = load_protocol("NCT06389305")

    assert {"R0", "R1", "R1f", "R2", "R3", "R4", "R5", "R6", "R7"} == {rule.id for rule in protocol.rules}
    assert ["A1", "A2", "A3", "A4", "A5", "A6", "A7"] == [criterion.id for criterion in protocol.criteria]
    assert protocol.preset == "labmon_default"
    assert rule_of(protocol, "R1", TransgeneLossRule).cutoff.text == "<\u00a050\u00a0copies/µg"
    assert rule_of(protocol, "R2", BCellRecoveryRule).cells_per_ul is None


def test_that_the_only_rule_that_raises_a_flag_is_labmons_own_and_says_so() -> None:
    protocol = load_protocol("nct06389305")
    flagging = [r for r in protocol.rules if isinstance(r, EarlyFunctionalLossRule) and r.raises_flag]

    assert [("R6", True)] == [(rule.id, rule.is_labmon_definition) for rule in flagging]
    assert "labmon definition" in flagging[0].title


def limits_in(thing: object) -> list[Limit]:
    if isinstance(thing, Limit):
        return [thing]
    if isinstance(thing, tuple):
        return [limit for item in thing for limit in limits_in(item)]
    names = getattr(thing, "__dataclass_fields__", {})
    return [limit for name in names for limit in limits_in(getattr(thing, name))]


def test_that_every_threshold_of_the_shipped_protocol_has_a_unit_and_a_source() -> None:
    found = limits_in(load_protocol("nct06389305"))

    assert len(found) > 35
    assert all(limit.unit and limit.source for limit in found)
    assert {SourceStatus.SOURCED, SourceStatus.OWN_CHOICE} <= {limit.status for limit in found}


def test_that_no_threshold_of_a_rule_stands_in_the_code() -> None:
    numbers = re.compile(r"(?<![\w.\"'_])(50|35|28|0\.1|22000|13000|1e-4|0\.0001|183|20|39)(?![\w.\"'])")
    rooms = [Path(__file__).parents[2] / "labmon" / name for name in ("criteria", "trial")]
    modules = [path for room in rooms for path in room.rglob("*.py")]
    assert len(modules) > 15
    for path in modules:
        code = re.sub(r'"""(.|\n)*?"""|f?"[^"\n]*"|#.*', "", path.read_text(encoding="utf-8"))

        assert numbers.findall(code) == [], path.name


def test_that_a_misspelt_key_is_refused_with_its_line_and_a_suggestion() -> None:
    error = refusal_of("cd3_events_to_quantify =", "cd3_event_to_quantify =")

    assert "cd3_event_to_quantify" in str(error)
    assert 'did you mean "cd3_events_to_quantify"?' in str(error)
    assert error.place is not None
    assert error.place.row == line_of(SHIPPED, "cd3_events_to_quantify")


def test_that_a_threshold_in_another_unit_is_refused() -> None:
    error = refusal_of('value = 50, unit = "copies/ug"', 'value = 50, unit = "copies/uL"')

    assert '"copies/uL"' in str(error)
    assert '"copies/ug"' in str(error)
    assert error.place is not None
    assert error.place.row == line_of(SHIPPED, "cutoff = {")


@pytest.mark.parametrize("length", [0, -6, 999])
def test_that_an_impossible_window_is_refused(length: int) -> None:
    error = refusal_of("length = 6\n", f"length = {length}\n")

    assert "impossible" in str(error)
    assert error.place is not None
    assert error.place.row == line_of(SHIPPED, "length = 6")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("samples = 2", "samples = 0", "confirm nothing"),
        ("samples = 2", 'samples = "two"', "whole number"),
        ("samples = 2", "samples = true", "whole number"),
        ('counting = "calendar_months"', 'counting = "calender_months"', 'did you mean "calendar_months"?'),
        ('kind = "transgene_loss"', 'kind = "transgen_loss"', 'did you mean "transgene_loss"?'),
        ('kind = "hematogones"\n', "", 'lacks "kind"'),
        ('any_of = ["R1", "R1f", "R2", "R3"]', 'any_of = ["R1", "R1ff", "R2", "R3"]', 'did you mean "R1f"?'),
        ('any_of = ["R1", "R1f", "R2", "R3"]', 'any_of = ["R1", "R2", "R4"]', "is of kind mrd"),
        ('required = ["R1", "R2"]', 'required = ["R1", "R9"]', "required but not among"),
        ('rule = "R6"', 'rule = "R1"', "early_functional_loss is needed here"),
        ('id = "R3"', 'id = "R2"', "given twice"),
        ('id = "A5"', 'id = "A4"', "given twice"),
        ('registry_id = "NCT06389305"\n', "", 'lacks "registry_id"'),
        ("schema = 1", "schema = 2", "reads schema 1"),
        ('cutoff = { comparison = "<", value = 50', 'cutoff = { comparison = ">", value = 50', "a loss is"),
        ("days_before = 0", "days_before = -1", "visit"),
        (', { name = "late, > 6 months" }', "", "last stratum"),
        ('youngest = { comparison = ">=", value = 1', 'youngest = { comparison = ">=", value = 41', "youngest"),
    ],
)
def test_that_what_does_not_fit_is_refused_in_words(old: str, new: str, said: str) -> None:
    error = refusal_of(old, new)

    assert said in str(error)
    assert "site.toml" in str(error)


def test_that_a_file_that_is_not_toml_is_refused_with_its_line() -> None:
    error = refusal_of("samples = 2", "samples = = 2")

    assert "not TOML" in str(error)
    assert error.place is not None
    assert error.place.row == line_of(SHIPPED, "samples = 2")


def test_that_a_protocol_nobody_ships_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UserError) as error:
        load_protocol("nct06389350")

    assert 'did you mean "nct06389305"?' in str(error.value)


def test_that_a_missing_file_is_an_error_the_person_can_act_on(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        load_protocol(tmp_path / "gone.toml")

    assert error.value.code == "P701"
    assert "gone.toml" in str(error.value)


def test_that_a_site_protocol_may_count_days_and_confirm_by_one_sample(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    site = SHIPPED.replace('counting = "calendar_months"', 'counting = "days"').replace(
        "length = 6\n", "length = 183\n"
    )
    path.write_text(site.replace("samples = 2", "samples = 1"), encoding="utf-8")

    protocol = load_protocol(path)

    assert protocol.window.words == "183 days"
    assert protocol.confirmation.samples == 1


def test_that_every_criterion_keeps_the_registrys_words_and_its_defect() -> None:
    criteria = {criterion.id: criterion for criterion in load_protocol("nct06389305").criteria}

    assert criteria["A2"].wording.startswith("Loss of CAR-T cell activity within 6 months")
    assert isinstance(criteria["A2"].answered_by, AnsweredByRule)
    assert "contradicts A2" in (criteria["A1"].defect or "")
