import pytest

from labmon.instruments.words import is_repaired, plain, unit


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C\u0442 Mean", "ct mean"),  # the Cyrillic letter of Applied Biosystems
        ("  CT   Mean ", "ct mean"),
        ("\uff23\uff34", "ct"),
        ("ΔΔC\u0442", "delta delta ct"),
        ("R²", "r2"),
        ("Qubit® tube conc.", "qubit tube conc."),
        ("QuantStudio™ 7", "quantstudio 7"),
        ("Conc. (copies/\ufffdL)", "conc. (copies/ul)"),
        ("Well.Position", "well position"),
        ("Ct_Mean", "ct mean"),
        ("Conc.", "conc."),
    ],
)
def test_that_a_heading_has_one_spelling(text: str, words: str) -> None:
    assert words == plain(text)


@pytest.mark.parametrize("text", ["ng/µL", "ng/μl", "NG/uL", "ng/\ufffdL", "ng/ÂµL", " ng / ul "])
def test_that_every_micro_sign_is_the_same_micro_sign(text: str) -> None:
    assert "ng/uL" == unit(text)


def test_that_a_repaired_letter_is_known_as_repaired() -> None:
    assert is_repaired("C\u0442")
    assert is_repaired("ng/ÂµL")
    assert not is_repaired("Ct")
    assert not is_repaired("ng/µL")
