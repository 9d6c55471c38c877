import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from labmon.criteria.evaluate import evaluate, evaluate_states
from labmon.criteria.protocol import load_protocol
from labmon.domain.finding import Finding, FlagState
from labmon.kinetics.timeline import build_timeline
from tests.criteria.patients import Scenario, on
from tests.criteria.test_own_criteria import LOSS, combination, with_rules

DAYS = (14, 28, 35, 60, 75, 90, 97, 120, 150, 180)
B_CELL_DAYS = (28, 60, 90, 120)
"""Few enough that one sample decides."""
percents = st.one_of(st.none(), st.sampled_from([0.05, 0.5, 1.0, 2.99, 3.0, 5.0, 40.0]))
copies = st.one_of(st.none(), st.sampled_from([30.0, 50.0, 214.0, 3200.0, 41300.0]))


def b_cells(values: list[float | None], mrd_day: int | None, drug_day: int | None) -> Scenario:
    scenario = Scenario()
    for day, value in zip(B_CELL_DAYS, values, strict=True):
        scenario.lymphocytes(day, value)
    if mrd_day is not None:
        scenario.mrd(mrd_day, 2e-3)
    if drug_day is not None:
        scenario.drug(drug_day, drug_day + 3)
    return scenario


@given(
    values=st.lists(percents, min_size=len(B_CELL_DAYS), max_size=len(B_CELL_DAYS)),
    at=st.integers(0, len(B_CELL_DAYS) - 1),
    worse=st.sampled_from([3.0, 5.0, 40.0, 90.0]),
    mrd_day=st.sampled_from([None, 30, 91, 160]),
    drug_day=st.sampled_from([None, 40, 130]),
)
def test_that_a_worse_b_cell_result_never_takes_recovery_back(
    values: list[float | None], at: int, worse: float, mrd_day: int | None, drug_day: int | None
) -> None:
    before = b_cells(values, mrd_day, drug_day).finding("R2", day=200)
    raised = [*values[:at], max(worse, values[at] or 0), *values[at + 1 :]]

    after = b_cells(raised, mrd_day, drug_day).finding("R2", day=200)

    if before.flag_state is FlagState.MET:
        assert after.flag_state is FlagState.MET
        assert (after.bracket_right_day or 0) <= (before.bracket_right_day or 0)


@given(
    transgene=st.lists(copies, min_size=len(DAYS), max_size=len(DAYS)),
    cells=st.lists(percents, min_size=len(DAYS), max_size=len(DAYS)),
    held=st.sets(st.sampled_from(DAYS)),
    seed=st.integers(0, 1000),
)
def test_that_the_order_of_results_never_matters(
    transgene: list[float | None], cells: list[float | None], held: set[int], seed: int
) -> None:
    scenario = Scenario().marrow(28).marrow(120)
    for day, value, share in zip(DAYS, transgene, cells, strict=True):
        scenario.transgene(day, value, held="NTC positive" if day in held else None)
        scenario.lymphocytes(day, share)
    protocol = load_protocol("nct06389305")
    shuffled = list(scenario.results)
    random.Random(seed).shuffle(shuffled)
    other = build_timeline(scenario.record, shuffled, as_of=on(200))
    assert other is not None

    assert evaluate(scenario.timeline(200), protocol) == evaluate(other, protocol)


@given(
    transgene=st.lists(copies, min_size=len(DAYS), max_size=len(DAYS)),
    left_out=st.sets(st.sampled_from(DAYS)),
)
def test_that_an_excluded_result_is_as_if_it_had_never_been(transgene: list[float | None], left_out: set[int]) -> None:
    everything, without = Scenario(), Scenario()
    for day, value in zip(DAYS, transgene, strict=True):
        excluded = "wrong tube" if day in left_out else None
        everything.transgene(day, value, excluded=excluded)
        if day not in left_out:
            without.transgene(day, value)

    one, other = everything.finding("R1", day=200), without.finding("R1", day=200)

    def facts(finding: Finding) -> Finding:
        """Everything but the numbers results are kept under."""
        return replace(finding, evidence=tuple(replace(e, result_id=None) for e in finding.evidence))

    assert facts(one) == facts(other)


@given(
    transgene=st.lists(copies, min_size=len(DAYS), max_size=len(DAYS)),
    cells=st.lists(percents, min_size=len(DAYS), max_size=len(DAYS)),
    day=st.integers(1, 400),
)
def test_that_every_finding_says_one_sentence_and_names_what_is_missing(
    transgene: list[float | None], cells: list[float | None], day: int
) -> None:
    scenario = Scenario()
    for sampled, value, share in zip(DAYS, transgene, cells, strict=True):
        scenario.transgene(sampled, value)
        scenario.lymphocytes(sampled, share)

    for finding in scenario.findings(day).values():
        assert finding.sentence.endswith(".")
        assert finding.sentence.count(". ") == 0
        assert "None" not in finding.sentence
        if finding.flag_state is FlagState.UNCONFIRMED:
            assert finding.missing
            assert finding.repeat_from is not None
            assert finding.repeat_by is not None
            assert finding.repeat_from <= finding.repeat_by
        if finding.flag_state in (FlagState.MET, FlagState.UNCONFIRMED) and finding.rule_id in ("R1", "R2", "R6"):
            assert finding.evidence


OWN = with_rules(LOSS, combination("any", '["R6", "S2"]'))


@given(
    transgene=st.lists(copies, min_size=4, max_size=4),
    cells=st.lists(percents, min_size=4, max_size=4),
    held=st.sets(st.sampled_from(B_CELL_DAYS)),
    day=st.integers(100, 400),
)
def test_that_states_are_the_same_whether_or_not_sentences_are_made(
    transgene: list[float | None], cells: list[float | None], held: set[int], day: int
) -> None:
    scenario = Scenario().marrow(28).marrow(120).transgene(10, 41300.0)
    for sampled, value, share in zip(B_CELL_DAYS, transgene, cells, strict=True):
        scenario.transgene(sampled, value, held="NTC positive" if sampled in held else None)
        scenario.lymphocytes(sampled, share).flow(sampled, share)
    worded = {finding.rule_id: finding.flag_state for finding in evaluate(scenario.timeline(day), OWN)}

    bare = evaluate_states(scenario.timeline(day), OWN)

    assert worded == {rule_id: finding.flag_state for rule_id, finding in bare.items()}
