from pathlib import Path

from labmon.domain.analyte import Analyte
from labmon.domain.quantity import ValueState

from .conftest import Laboratory

DATA = Path(__file__).parents[1] / "data"


def test_that_the_gates_of_a_flowjo_workspace_become_results(lab: Laboratory) -> None:
    lab.bring("experiment.wsp", (DATA / "flowjo_workspace" / "version_10.wsp").read_bytes())

    result = lab.one("P-001-D014", Analyte.CAR_POS_PCT_OF_CD3)
    assert (ValueState.QUANTIFIED, 2.0) == (result.quantity.state, result.quantity.value)
    assert "SampleNode P-001-D014/Lymphocytes/CD3+/CAR+" in [str(each.place) for each in result.draft.provenance]


def test_that_statistics_of_fluorescence_ask_for_no_mapping(lab: Laboratory) -> None:
    plan = lab.plan("experiment.wsp", (DATA / "flowjo_workspace" / "version_10.wsp").read_bytes())

    assert not [entry.target for entry in plan.entries if entry.target and "Median" in entry.target]


def test_that_no_car_cell_in_a_facsdiva_experiment_is_not_detected(lab: Laboratory) -> None:
    content = (DATA / "facsdiva_experiment" / "two_tubes.xml").read_bytes()
    lab.bring("experiment.xml", content.replace(b'name="P-001"', b'name=""').replace(b'"D014"', b'"P-001-D014"'))

    quantity = lab.one("P-001-D014", Analyte.CAR_POS_PCT_OF_CD3).quantity
    assert (ValueState.NOT_DETECTED, None) == (quantity.state, quantity.value)
