import pytest

from labmon.assays.mapping import MappingRule, NameMapping, RuleMatch, RuleSubject
from labmon.domain.analyte import Measurand
from labmon.domain.errors import UserError

DAYS = MappingRule(
    subject=RuleSubject.SAMPLE,
    match=RuleMatch.PATTERN,
    text=r"(?P<patient>DEMO)(?P<n>\d{3})_d(?P<day>\d+)(\.fcs)?",
    becomes="{patient}-{n}-D{day:03d}-PB",
)


def sample(text: str, becomes: str, **changes) -> MappingRule:
    return MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.EXACT, text=text, becomes=becomes, **changes)


def target(text: str, becomes: str, match: RuleMatch = RuleMatch.EXACT, **changes) -> MappingRule:
    return MappingRule(subject=RuleSubject.TARGET, match=match, text=text, becomes=becomes, **changes)


@pytest.fixture
def qpcr(definitions):
    return definitions["transgene_qpcr"]


def test_that_a_specimen_code_means_itself_without_any_rule(qpcr):
    mapping = NameMapping(specimens={"DEMO-001-D028-PB"})

    assert mapping.specimen_of(" DEMO-001-D028-PB ", qpcr).code == "DEMO-001-D028-PB"


def test_that_a_name_nobody_explained_means_no_specimen(qpcr):
    mapping = NameMapping(specimens={"DEMO-001-D028-PB"})

    assert mapping.specimen_of("DEMO-001-D028-PB.fcs", qpcr).codes == ()
    assert mapping.specimen_of(None, qpcr).codes == ()


def test_that_a_pattern_composes_the_code_of_its_named_groups(qpcr):
    mapping = NameMapping(rules=(DAYS,), specimens={"DEMO-001-D028-PB"})

    assert mapping.specimen_of("DEMO001_d28.fcs", qpcr).code == "DEMO-001-D028-PB"


def test_that_a_composed_code_that_is_not_on_record_is_named_and_not_used(qpcr):
    found = NameMapping(rules=(DAYS,), specimens={"X"}).specimen_of("DEMO007_d3", qpcr)

    assert (found.code, found.absent) == (None, ("DEMO-007-D003-PB",))


def test_that_two_patterns_with_two_answers_are_a_question(qpcr):
    other = MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.PATTERN, text="DEMO.*", becomes="X")
    found = NameMapping(rules=(DAYS, other), specimens={"X", "DEMO-001-D028-PB"}).specimen_of("DEMO001_d28", qpcr)

    assert found.is_ambiguous
    assert found.code is None
    assert set(found.codes) == {"X", "DEMO-001-D028-PB"}


def test_that_the_newest_exact_rule_wins_over_older_ones_and_over_patterns(qpcr):
    rules = (DAYS, sample("DEMO001_d28", "A"), sample("demo001_D28", "B"))

    assert (
        NameMapping(rules=rules, specimens={"A", "B", "DEMO-001-D028-PB"}).specimen_of("DEMO001_d28", qpcr).code == "B"
    )


def test_that_a_rule_of_another_assay_does_not_count(qpcr, definitions):
    mapping = NameMapping(rules=(sample("x", "A", assay_id="car_flow"),), specimens={"A"})

    assert mapping.specimen_of("x", qpcr).code is None
    assert mapping.specimen_of("x", definitions["car_flow"]).code == "A"


def test_that_a_target_rule_wins_over_the_definitions_own_patterns(qpcr):
    mapping = NameMapping(rules=(target("CAR", "ignored"), target("my.*", "transgene", RuleMatch.PATTERN)))

    assert mapping.measurand_of("CAR", qpcr) is Measurand.IGNORED
    assert mapping.measurand_of("myGene", qpcr) is Measurand.TRANSGENE
    assert mapping.measurand_of("FMC63", qpcr) is Measurand.TRANSGENE
    assert mapping.measurand_of("ABL1", qpcr) is None
    assert mapping.measurand_of(None, qpcr) is None


def test_that_a_rule_comes_back_from_its_plain_form():
    rule = target("CAR", "transgene", assay_id="transgene_qpcr", note="asked Li")

    assert MappingRule.from_plain(rule.to_plain()) == rule


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("(?P<a>", "{a}"),
        ("(?P<a>.*)", "{b}"),
        ("(?P<a>.*)", "{a.__class__}"),
        ("(?P<a>.*)", "{a!r}"),
        ("(?P<a>.*)", "{a:>99999999}"),
        ("(?P<a>.*)", "{a"),
        (" ", "X"),
    ],
)
def test_that_a_pattern_rule_that_cannot_be_used_is_refused(text: str, becomes: str):
    with pytest.raises(UserError) as caught:
        MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.PATTERN, text=text, becomes=becomes)

    assert caught.value.code == "R808"


def test_that_a_target_cannot_become_what_labmon_does_not_measure():
    with pytest.raises(UserError):
        target("CAR", "telomere")


def test_that_a_group_that_is_no_number_makes_no_numbered_code(qpcr):
    rule = MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.PATTERN, text=r"P(?P<n>\w+)", becomes="P-{n:03d}")
    mapping = NameMapping(rules=(rule,), specimens={"P-007"})

    assert mapping.specimen_of("P7", qpcr).code == "P-007"
    assert mapping.specimen_of("Px", qpcr).codes == ()
