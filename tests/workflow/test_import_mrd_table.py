from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.quantity import ValueState

from .conftest import Laboratory

FLOW = (
    "Sample ID,Marker,MRD events,Nucleated cells acquired,MRD (%),LOD (%),Result,Analysis date\n"
    "P-001-D014,LAIP 1,250,500000,0.05,0.004,positive,2026-01-24\n"
    "P-001-D028,LAIP 1,3,1200000,,0.0017,negative,2026-02-07\n"
)
IG_TR = (
    "Specimen\tIg/TR target\tMRD level\tSensitivity\tQuantitative range\tMRD status\n"
    "P-001-D014\tVH3-JH6\t3.2E-04\t1E-05\t1E-04\tpositive\n"
    "P-001-D028\tVH3-JH6\t\t1E-05\t1E-04\tPNQ\n"
)


def test_that_a_table_of_flow_mrd_becomes_results_with_the_sensitivity_each_sample_earned(lab: Laboratory) -> None:
    report = lab.bring("flow.csv", FLOW.encode())

    positive = lab.one("P-001-D014", Analyte.MRD_FRACTION)
    negative = lab.one("P-001-D028", Analyte.MRD_FRACTION)
    assert 2 == report.written
    assert (MrdMethod.FLOW, ValueState.QUANTIFIED, 0.0005) == (
        positive.method,
        positive.quantity.state,
        positive.quantity.value,
    )
    assert ValueState.NOT_DETECTED is negative.quantity.state
    assert negative.draft.sensitivity_fraction is not None
    assert positive.draft.sensitivity_fraction is not None
    assert negative.draft.sensitivity_fraction < positive.draft.sensitivity_fraction


def test_that_positive_not_quantifiable_of_an_ig_tr_table_is_below_the_quantitative_range(lab: Laboratory) -> None:
    lab.bring("igtr.txt", IG_TR.encode())

    quantified = lab.one("P-001-D014", Analyte.MRD_FRACTION)
    traces = lab.one("P-001-D028", Analyte.MRD_FRACTION)
    assert (MrdMethod.RQ_PCR, 3.2e-4) == (quantified.method, quantified.quantity.value)
    assert (ValueState.DETECTED_BELOW_LLOQ, None, 1e-4) == (
        traces.quantity.state,
        traces.quantity.value,
        traces.quantity.lloq,
    )
