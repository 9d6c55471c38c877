from labmon.domain.finding import FlagState
from tests.criteria.patients import Scenario


def expanded() -> Scenario:
    return Scenario().transgene(7, 14000).transgene(10, 41300).transgene(60, 214)


def test_that_a_state_resting_on_a_held_run_alone_is_held_and_names_run_and_reason() -> None:
    finding = expanded().transgene(88, 30, held="NTC positive", run="QPCR-0418").finding("R1", day=90)

    assert finding.flag_state is FlagState.HELD
    assert "Rests on day 88 alone, and run QPCR-0418 is held: NTC positive." == finding.sentence
    assert ("acceptance of run QPCR-0418",) == finding.missing
    assert (FlagState.UNCONFIRMED, "run QPCR-0418 accepted") == finding.would_change[0]
    assert finding.evidence[-1].role == "first below, held"


def test_that_a_result_awaiting_verification_is_held() -> None:
    finding = expanded().transgene(88, 30, released=False).finding("R1", day=90)

    assert finding.flag_state is FlagState.HELD
    assert "run RUN-88 awaits verification" in finding.sentence


def test_that_the_only_results_being_held_is_not_a_missing_datum() -> None:
    scenario = Scenario().transgene(10, 41300, held="slope −2.9").transgene(28, 900, held="slope −2.9")

    assert scenario.finding("R1", day=40).flag_state is FlagState.HELD


def test_that_a_held_confirmation_leaves_the_first_sample_unconfirmed_and_says_so() -> None:
    finding = expanded().transgene(88, 30).transgene(116, None, held="NTC positive").finding("R1")

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert any("accepted, it would make this met" in caution for caution in finding.cautions)


def test_that_a_held_sample_neither_confirms_nor_breaks() -> None:
    finding = expanded().transgene(88, 30).transgene(95, 900, held="NTC positive").transgene(116, None).finding("R1")

    assert finding.flag_state is FlagState.MET
    assert any("RUN-95 is held" in caution for caution in finding.cautions)


def test_that_a_held_sample_that_changes_nothing_changes_nothing() -> None:
    finding = expanded().transgene(70, 180, held="NTC positive").finding("R1", day=75)

    assert finding.flag_state is FlagState.NOT_MET


def test_that_only_the_run_a_rule_reads_is_named() -> None:
    scenario = Scenario().mrd(28, None, held="CV 40 %", run="MRD-7")
    scenario.transgene(7, 900).transgene(10, 41300, held="NTC positive", run="QPCR-2").transgene(14, 900)

    assert ("acceptance of run QPCR-2",) == scenario.finding("R5").missing
    assert ("acceptance of run MRD-7",) == scenario.finding("R4").missing


def test_that_early_loss_rests_on_the_same_held_run() -> None:
    scenario = expanded().lymphocytes(60, 0.1).transgene(88, 30, held="NTC positive", run="QPCR-0418")

    finding = scenario.finding("R6", day=90)

    assert finding.flag_state is FlagState.HELD
    assert "QPCR-0418" in finding.sentence
