from dataclasses import replace

import pytest

from labmon.domain.clinical import ResponseCategory
from labmon.domain.quantity import ValueState
from labmon.trial.observations import EmdSeen, Measured, Observations
from labmon.trial.response import ResponseCall, course_of_response, side_by_side
from labmon.trial.response_rules import RULE_SETS, load_rule_set, load_rule_sets
from tests.trial.responding import call, category, mrd, observed, on, transfusion

CR, CRH, CRI, MLFS = ResponseCategory.CR, ResponseCategory.CRH, ResponseCategory.CRI, ResponseCategory.MLFS
PR, NO_RESPONSE, RELAPSE = ResponseCategory.PR, ResponseCategory.NO_RESPONSE, ResponseCategory.RELAPSE
NOT_EVALUABLE, APLASTIC = ResponseCategory.NOT_EVALUABLE, ResponseCategory.APLASTIC_MARROW
STRICT, INCLUSIVE = ("ewall_eln_2024", "nct04534634_registry"), ("cibmtr", "nci_2010")
DEFINING_CR = (*STRICT, *INCLUSIVE)


@pytest.mark.parametrize("rule_set", DEFINING_CR)
def test_that_a_full_recovery_is_a_complete_remission_in_every_set_that_defines_one(rule_set: str) -> None:
    found = call(rule_set, observed())

    assert CR is found.category
    assert (rule_set, "1") == (found.rule_set, found.rule_version)
    assert {"marrow blasts": 0, "ANC": 0, "platelets": 0, "baseline marrow blasts": 33} == {
        used.what: used.age_days for used in found.used if used.what not in ("blood blasts", "extramedullary disease")
    }


# --- the boundary vectors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("anc", "platelets"), [(1.0, 180), (2.1, 100), (1.0, 100)])
def test_that_a_count_exactly_at_its_limit_is_cr_where_the_set_says_at_least(anc: float, platelets: float) -> None:
    assert [CR, CR] == [category(name, observed(anc=anc, platelets=platelets)) for name in INCLUSIVE]


@pytest.mark.parametrize("rule_set", STRICT)
@pytest.mark.parametrize(
    ("anc", "platelets", "named"),
    [(1.0, 180, "ANC is exactly 1"), (2.1, 100, "platelets is exactly 100"), (1.0, 100, "ANC is exactly 1")],
)
def test_that_it_is_cri_with_a_note_where_neither_more_nor_less_holds(
    rule_set: str, anc: float, platelets: float, named: str
) -> None:
    found = call(rule_set, observed(anc=anc, platelets=platelets))

    assert CRI is found.category
    assert found.cautions[0].startswith("boundary_value: ")
    assert named in found.cautions[0]


@pytest.mark.parametrize("rule_set", STRICT)
@pytest.mark.parametrize(("anc", "platelets"), [(0.99, 180), (2.1, 99), (0.2, 20), (1.0, 99)])
def test_that_a_count_below_its_limit_is_cri_without_a_note(rule_set: str, anc: float, platelets: float) -> None:
    found = call(rule_set, observed(anc=anc, platelets=platelets))

    assert CRI is found.category
    assert not any(each.startswith("boundary_value") for each in found.cautions)


@pytest.mark.parametrize("rule_set", RULE_SETS)
def test_that_blasts_of_exactly_five_per_cent_are_no_remission(rule_set: str) -> None:
    found = category(rule_set, observed(blasts=5))

    assert found not in load_rule_set(rule_set).remissions
    if rule_set in STRICT or rule_set == "nci_2010":
        assert PR is found


@pytest.mark.parametrize("rule_set", [*STRICT, "nci_2010"])
def test_that_blasts_of_exactly_a_quarter_are_a_partial_remission(rule_set: str) -> None:
    assert PR is category(rule_set, observed(blasts=25))
    assert NO_RESPONSE is category(rule_set, observed(blasts=25.1))


@pytest.mark.parametrize(("baseline", "blasts", "expected"), [(50, 25, PR), (49.9, 25, NO_RESPONSE), (10, 5, PR)])
def test_that_a_partial_remission_asks_for_a_fall_by_half(
    baseline: float, blasts: float, expected: ResponseCategory
) -> None:
    assert {expected} == {category(name, observed(baseline=baseline, blasts=blasts)) for name in STRICT}


@pytest.mark.parametrize("rule_set", STRICT)
@pytest.mark.parametrize("blasts", [5, 6, 8, 9.9])
def test_that_a_baseline_below_a_tenth_never_reaches_a_partial_remission(rule_set: str, blasts: float) -> None:
    assert NO_RESPONSE is category(rule_set, observed(baseline=9.9, blasts=blasts))


def test_that_an_unknown_baseline_leaves_a_partial_remission_open() -> None:
    found = call("ewall_eln_2024", observed(baseline=None, blasts=12))

    assert (NOT_EVALUABLE, PR) == (found.category, found.at_best)
    assert ("marrow before the infusion",) == found.missing


@pytest.mark.parametrize(("fraction", "expected"), [(0.01, NO_RESPONSE), (0.0099, CR), (None, CR)])
def test_that_mrd_of_one_per_cent_fails_the_remission_of_eln(
    fraction: float | None, expected: ResponseCategory
) -> None:
    seen = observed(mrd=(mrd(28, fraction),))

    assert expected is category("ewall_eln_2024", seen)
    assert CR is category("cibmtr", seen)  # whose text does not ask for it


def test_that_mrd_which_is_not_available_does_not_stand_in_the_way() -> None:
    invalid = mrd(28, None, state=ValueState.NO_RESULT)

    assert CR is category("ewall_eln_2024", observed(mrd=(invalid,)))
    assert CR is category("ewall_eln_2024", observed())


# --- what is unknown --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule_set", DEFINING_CR)
def test_that_unknown_extramedullary_disease_is_not_absent(rule_set: str) -> None:
    found = call(rule_set, observed(emd=None))

    capped = PR if rule_set == "nci_2010" else NOT_EVALUABLE  # the one set whose PR reaches down to a clear marrow
    assert (capped, CR) == (found.category, found.at_best)
    assert "extramedullary status" in found.missing


@pytest.mark.parametrize("rule_set", DEFINING_CR)
def test_that_extramedullary_disease_that_is_there_is_no_remission(rule_set: str) -> None:
    assert category(rule_set, observed(emd=True)) not in load_rule_set(rule_set).remissions


def test_that_unknown_counts_cap_the_category_and_are_named() -> None:
    found = call("ewall_eln_2024", observed(anc=None))

    assert (MLFS, CR) == (found.category, found.at_best)
    assert ("ANC of the last 14\u00a0d",) == found.missing


def test_that_platelets_alone_make_an_incomplete_recovery_whatever_the_neutrophils_are() -> None:
    found = call("ewall_eln_2024", observed(anc=None, platelets=40))

    assert (CRI, ()) == (found.category, found.missing)


def test_that_nothing_is_carried_beyond_the_windows() -> None:
    at_28 = observed()

    assert CR is category("ewall_eln_2024", at_28, 42)
    late = call("ewall_eln_2024", at_28, 43)
    assert (MLFS, CR) == (late.category, late.at_best)
    assert ("ANC of the last 14\u00a0d", "platelets of the last 14\u00a0d") == late.missing
    assert MLFS is category("ewall_eln_2024", at_28, 56)
    gone = call("ewall_eln_2024", at_28, 57)
    assert NOT_EVALUABLE is gone.category
    assert "marrow of the last 28\u00a0d" in gone.missing


def test_that_the_marrow_before_the_infusion_is_no_response() -> None:
    seen = observed(blasts=None, baseline=2, day=5)

    assert (NOT_EVALUABLE, ("marrow of the last 28\u00a0d",)) == (
        category("ewall_eln_2024", seen, 5),
        call("ewall_eln_2024", seen, 5).missing,
    )


def test_that_blasts_in_the_blood_are_asked_for_only_where_the_set_does() -> None:
    assert MLFS is category("nct04534634_registry", observed(blood_blasts=None))
    assert "blood blasts of the last 14\u00a0d" in call("nct04534634_registry", observed(blood_blasts=None)).missing
    assert CR is category("ewall_eln_2024", observed(blood_blasts=None))


@pytest.mark.parametrize(("day", "expected"), [(22, MLFS), (21, CR)])
def test_that_platelets_after_a_recent_transfusion_are_not_the_marrows_own(
    day: int, expected: ResponseCategory
) -> None:
    assert expected is category("ewall_eln_2024", observed(transfusions=(transfusion(day),)))


# --- NCT06389305 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anc", "platelets", "expected"),
    [
        (2.1, 180, CRH),
        (0.51, 51, CRH),
        (0.5, 180, APLASTIC),
        (2.1, 50, APLASTIC),
        (0.4, 20, APLASTIC),
    ],
)
def test_that_what_the_registry_names_without_defining_is_asked_for_and_never_called(
    anc: float, platelets: float, expected: ResponseCategory
) -> None:
    found = call("nct06389305", observed(anc=anc, platelets=platelets))

    assert (expected, CR) == (found.category, found.at_best)
    assert "the protocol's definition of CR" in found.missing
    assert any("unverified" in each for each in found.cautions)


def test_that_five_per_cent_of_blasts_can_be_an_aplastic_marrow_and_no_crh() -> None:
    assert APLASTIC is category("nct06389305", observed(blasts=5, anc=0.3))
    assert NO_RESPONSE is category("nct06389305", observed(blasts=5))


# --- over time --------------------------------------------------------------------------------------------------------


def course(rule_set: str, observations: Observations) -> dict[int, ResponseCall]:
    return {
        (each.on - observations.infused_on).days: each
        for each in course_of_response(observations, load_rule_set(rule_set))
    }


def later(observations: Observations, *marrows: tuple[int, float], emd: bool = False) -> Observations:
    """The same counts again on later days, with these blasts."""
    days = [day for day, _blasts in marrows]
    return replace(
        observations,
        marrow=(*observations.marrow, *(Measured(on=on(day), value=blasts) for day, blasts in marrows)),
        anc=(*observations.anc, *(Measured(on=on(day), value=2.1) for day in days)),
        platelets=(*observations.platelets, *(Measured(on=on(day), value=180) for day in days)),
        blood_blasts=(*observations.blood_blasts, *(Measured(on=on(day), value=0) for day in days)),
        emd=(*observations.emd, *(EmdSeen(on=on(day), is_present=emd) for day in days)),
    )


def test_that_a_quarter_of_blasts_is_relapse_after_a_remission_and_partial_without_one() -> None:
    after_remission = course("nci_2010", later(observed(), (90, 25)))
    without = course("nci_2010", observed(blasts=25))
    after_partial = course("nci_2010", later(observed(blasts=20), (60, 25)))
    far_after_partial = course("nci_2010", later(observed(blasts=20), (60, 26)))

    assert [CR, RELAPSE] == [each.category for each in after_remission.values()]
    assert PR is without[28].category
    assert PR is after_partial[60].category
    assert RELAPSE is far_after_partial[60].category


def test_that_extramedullary_disease_after_a_remission_is_relapse_where_the_set_defines_one() -> None:
    assert RELAPSE is course("nci_2010", later(observed(), (90, 1), emd=True))[90].category


def test_that_a_set_without_a_relapse_says_so_instead_of_inventing_one() -> None:
    found = course("ewall_eln_2024", later(observed(), (90, 60)))[90]

    assert NO_RESPONSE is found.category
    assert any("does not define relapse" in each for each in found.cautions)


@pytest.mark.parametrize(("blasts", "expected"), [(77.5, ResponseCategory.PROGRESSION), (77, NO_RESPONSE)])
def test_that_a_rise_by_a_quarter_of_the_baseline_is_progression(blasts: float, expected: ResponseCategory) -> None:
    assert expected is course("nci_2010", observed(blasts=blasts))[28].category


def test_that_a_remission_must_last_where_the_set_asks_for_four_weeks() -> None:
    waiting = course("cibmtr", observed())[28]
    lasted = course("cibmtr", later(observed(), (56, 2)))[28]
    too_soon = course("cibmtr", later(observed(), (55, 2)))[28]
    lost = course("cibmtr", later(observed(), (40, 30), (60, 2)))[28]

    assert (False, on(56)) == (waiting.sustained, waiting.sustained_from)
    assert "the same or better from 2026-03-07 on" in waiting.missing
    assert [True, False, False] == [each.sustained for each in (lasted, too_soon, lost)]
    assert course("ewall_eln_2024", observed())[28].sustained is None


def test_that_the_sets_stand_side_by_side_on_one_day() -> None:
    found = side_by_side(observed(anc=1.0), load_rule_sets(), on(28))

    assert [CRI, CRI, CR, CR, CRH] == [each.category for each in found]
    assert list(RULE_SETS) == [each.rule_set for each in found]


def test_that_a_day_without_an_observation_of_its_own_remembers_the_remission_before_it() -> None:
    observations = later(observed(), (90, 40))

    (found,) = side_by_side(observations, (load_rule_set("nci_2010"),), on(95))

    assert RELAPSE is found.category
    assert 5 == next(used.age_days for used in found.used if used.what == "marrow blasts")
