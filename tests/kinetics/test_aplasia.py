from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import DrugClass, EventKind, Medication
from labmon.domain.quantity import ValueState
from labmon.kinetics.aplasia import AplasiaDefinition, aplasia_parameters
from labmon.kinetics.parameters import Parameter
from labmon.kinetics.timeline import build_timeline
from labmon.kinetics.withheld import Withheld

PERCENT = Analyte.CD19_PCT_OF_LYMPHOCYTES
NONE = ValueState.NOT_DETECTED
DEFINITION = AplasiaDefinition(
    analyte=PERCENT, recovered_from=3, confirming_samples=2, min_days_apart=7, source="Maude 2014"
)


@pytest.fixture
def aplasia(study, as_of: Callable[[int], date]) -> Callable[..., Parameter]:
    def of(*values: tuple[int, float | ValueState], definition: AplasiaDefinition = DEFINITION) -> Parameter:
        study.measure_all(values, analyte=PERCENT, lloq=0.1)
        timeline = build_timeline(study.record, study.results, as_of=as_of(400))
        assert timeline is not None
        ((only,),) = (series.parameters for series in aplasia_parameters(timeline, (definition,)))
        return only

    return of


def text(parameter: Parameter) -> str:
    return parameter.text.replace("\u00a0", " ")


def test_that_aplasia_ends_between_the_last_sample_without_b_cells_and_the_first_confirmed_one_with(aplasia) -> None:
    found = aplasia((28, NONE), (60, 0.4), (120, 3.0), (150, 8.1))

    assert (60, 120) == found.interval
    assert "ended in (60, 120] d" == text(found)
    assert ("recovery confirmed on day 150",) == found.notes


def test_that_the_limit_and_the_confirmation_are_the_protocols(aplasia) -> None:
    values = (28, NONE), (60, 0.4), (120, 3.0), (150, 8.1)

    assert (120, None) == aplasia(*values, definition=replace(DEFINITION, recovered_from=5)).interval
    assert (60, 120) == aplasia(definition=replace(DEFINITION, confirming_samples=1)).interval
    assert "at least 7 d apart, end it (Maude 2014)" in aplasia().rule.replace("\u00a0", " ")


def test_that_samples_closer_than_the_protocol_asks_confirm_nothing(aplasia) -> None:
    assert "> 60 d; B cells on day 120, unconfirmed" == text(aplasia((60, NONE), (120, 4.0), (124, 9.0)))


def test_that_b_cells_seen_once_do_not_end_aplasia(aplasia) -> None:
    found = aplasia((28, NONE), (60, 4.0), (90, NONE))

    assert "> 90 d, ongoing" == text(found)
    assert ("B cells once on day 60",) == found.notes


def test_that_aplasia_after_a_confirmed_recovery_is_for_a_person_to_decide(aplasia) -> None:
    assert "ended in (28, 60] d, aplastic again on day 120: a person decides" == text(
        aplasia((28, NONE), (60, 4.0), (90, 5.0), (120, NONE))
    )


def test_that_without_an_aplastic_sample_no_aplasia_is_established(aplasia) -> None:
    assert Withheld.NEVER_APLASTIC == aplasia((28, 12.0), (60, 9.0)).withheld


def test_that_a_transplant_censors_aplasia_and_a_depleting_drug_is_said(study, aplasia) -> None:
    study.happen(EventKind.HSCT, 100)
    drug = Medication(
        patient_code="P01",
        drug="rituximab",
        started_on=study.record.infusions[0].infused_on,
        drug_class=DrugClass.B_CELL_DEPLETING,
    )
    study.record = replace(study.record, medications=(drug,))
    found = aplasia((28, NONE), (60, NONE), (120, 9.0), (150, 9.0))

    assert "> 60 d" == text(found)
    assert (
        "censored by HSCT on day 100",
        "a drug that depletes B cells was given: the aplasia may be the drug's",
    ) == found.notes


def test_that_a_signal_below_a_limit_above_the_cutoff_says_nothing(study, aplasia) -> None:
    study.measure(28, NONE, PERCENT)
    study.measure(60, ValueState.DETECTED_BELOW_LLOQ, PERCENT, lloq=8)

    assert (28, None) == aplasia().interval


def test_that_duplicate_samples_withhold_the_duration(aplasia) -> None:
    assert Withheld.DUPLICATE_TIMES == aplasia((28, NONE), (28, 4.0)).withheld


def test_that_a_course_without_b_cell_results_has_no_such_parameter(study, as_of: Callable[[int], date]) -> None:
    study.measure(28, 9.0, Analyte.CD19_CELLS_PER_UL)
    timeline = build_timeline(study.record, study.results, as_of=as_of(400))
    assert timeline is not None

    assert () == aplasia_parameters(timeline, (DEFINITION,))
