from labmon.domain.finding import FlagState
from tests.criteria.patients import Scenario


def test_that_transgene_with_b_cells_back_is_a_conflict_and_recovery_is_not_overwritten() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(40, 4000).transgene(63, 2100)
    scenario.lymphocytes(40, 5).lymphocytes(63, 8).marrow(63)

    findings = scenario.findings(day=65)

    assert findings["R7"].flag_state is FlagState.CONFLICT
    assert "check antigen, product target, gating, non-functional CAR-T" in findings["R7"].sentence
    assert findings["R2"].flag_state is FlagState.MET
    assert findings["R6"].flag_state is FlagState.CONFLICT


def test_that_a_conflict_of_samples_months_apart_is_none() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(40, 4000).lymphocytes(88, 5)

    assert scenario.finding("R7").flag_state is FlagState.NOT_EVALUABLE


def test_that_aplasia_outlasting_the_transgene_is_a_caution_and_the_loss_stands() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(60, 214).transgene(88, 30).transgene(100, None)
    scenario.lymphocytes(60, 0.1).lymphocytes(100, 0.1).marrow(88)

    findings = scenario.findings()

    assert findings["R7"].flag_state is FlagState.MET
    assert "aplasia can outlast detection" in findings["R7"].sentence
    assert findings["R1"].flag_state is FlagState.MET
    assert findings["R6"].flag_state is FlagState.MET


def test_that_flow_without_cells_while_qpcr_finds_copies_is_a_conflict() -> None:
    scenario = Scenario().flow(10, 20).flow(60, 0.05).flow(88, 0.04).transgene(60, 900).transgene(88, 800)
    scenario.lymphocytes(88, 0.1).marrow(88)

    findings = scenario.findings()

    assert findings["R7"].flag_state is FlagState.CONFLICT
    assert "CAR flow negative, qPCR quantified" in findings["R7"].sentence
    assert findings["R6"].flag_state is FlagState.CONFLICT


def test_that_an_old_flow_specimen_is_named_as_the_explanation() -> None:
    scenario = Scenario().flow(10, 20).flow(60, 0.05, age=30).transgene(60, 900)

    assert "the specimen was 30.0 h old" in scenario.finding("R7").sentence


def test_that_flow_with_cells_while_qpcr_finds_none_asks_for_the_dna_input() -> None:
    scenario = Scenario().transgene(10, 41300).flow(60, 3).transgene(60, None)

    finding = scenario.finding("R7")

    assert finding.flag_state is FlagState.CONFLICT
    assert "CAR flow positive, qPCR not detected" in finding.sentence


def test_that_after_study_cells_flow_and_qpcr_are_no_longer_compared() -> None:
    scenario = Scenario().transgene(10, 41300).study_cells(50).flow(60, 3).transgene(60, None)

    finding = scenario.finding("R7")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "flow positive" not in finding.sentence.lower()


def test_that_copies_per_microgram_falling_alone_tell_of_the_denominator() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(20, 3000).per_ul(10, 900).per_ul(20, 850)

    finding = scenario.finding("R7")

    assert finding.flag_state is FlagState.CONFLICT
    assert "denominator shift after lymphodepletion" in finding.sentence


def test_that_the_reverse_is_told_too() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(20, 40000).per_ul(10, 900).per_ul(20, 50)

    assert "Copies/µL fell, copies/µg did not" in scenario.finding("R7").sentence


def test_that_methods_that_agree_are_said_to_agree() -> None:
    scenario = Scenario().transgene(10, 41300).flow(10, 20).lymphocytes(10, 0.1).per_ul(10, 900)
    scenario.transgene(28, 3200).per_ul(28, 70)

    finding = scenario.finding("R7")

    assert finding.flag_state is FlagState.NOT_MET
    assert "transgene and B cells, flow and qPCR, copies/µg and copies/µL agree" in finding.sentence
