from pathlib import Path

import pytest

from labmon.assays.definition import AssayKind, Band, Limit, Mark, load_definition, load_definitions
from labmon.domain.analyte import Measurand
from labmon.domain.errors import UserError
from labmon.resources import resource_path


def altered(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = resource_path("assays", name).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_definition(path)
    assert caught.value.code == "P702"
    return str(caught.value)


def test_that_the_shipped_definitions_cover_every_kind_of_assay():
    assert {d.kind for d in load_definitions()} == set(AssayKind)


def test_that_every_shipped_limit_names_its_unit_and_source():
    def limits(value: object) -> list[Limit | Band]:
        if isinstance(value, Limit | Band):
            return [value]
        if isinstance(value, dict):
            return [found for item in value.values() for found in limits(item)]
        if isinstance(value, tuple):
            return [found for item in value for found in limits(item)]
        names = getattr(type(value), "__dataclass_fields__", {})
        return [found for name in names for found in limits(getattr(value, name))]

    found = [limit for definition in load_definitions() for limit in limits(definition)]

    assert len(found) > 40
    assert all(limit.unit.strip() and limit.source.strip() for limit in found)


def test_that_a_misspelt_key_is_refused_with_file_key_and_the_nearest_known_one(tmp_path: Path):
    message = refusal(altered(tmp_path, "transgene_qpcr.toml", "cv_limit_pct", "cv_limt_pct"))

    assert "transgene_qpcr.toml, qpcr.cv_limt_pct" in message
    assert 'did you mean "cv_limit_pct"?' in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'r_squared = { low = 0.98, unit = "1"',
            'r_squared = { low = "0.98", unit = "1"',
            "qpcr.curve.r_squared.low: a number",
        ),
        ("required = true", 'required = "yes"', "qpcr.controls[1].required: true or false"),
        ('rule = "no_cq"', 'rule = "none"', '"none" is not one of no_cq'),
        ("transgene = ['CAR',", "transgene = ['CAR(',", "no regular expression"),
        ("transgene = ['CAR',", "transgen = ['CAR',", "targets.transgen"),
        ('version = "1"', "version = 1", "version: a text is expected"),
        ('source = "site\'s procedure", mark = "O" }', 'mark = "O" }', "qpcr.template_volume_ul.source: is missing"),
        ("value = 18,", "value = inf,", "finite"),
        ('kind = "qpcr_transgene"', 'kind = "dna_concentration"', "qpcr: not for dna_concentration"),
    ],
)
def test_that_what_does_not_fit_is_refused_with_its_key(tmp_path: Path, old: str, new: str, words: str):
    assert words in refusal(altered(tmp_path, "transgene_qpcr.toml", old, new))


def test_that_a_file_that_is_no_toml_is_refused(tmp_path: Path):
    path = tmp_path / "broken.toml"
    path.write_bytes(b"id = \xff")

    assert "broken.toml: no TOML" in refusal(path)


def test_that_two_files_cannot_define_the_same_version_of_an_assay(tmp_path: Path):
    text = resource_path("assays", "dna_qubit.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UserError) as caught:
        load_definitions(tmp_path)

    assert "is also in a.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "holds"), [(-3.6, True), (-3.1, True), (-3.35, True), (-3.6001, False), (-3.0999, False)]
)
def test_that_both_ends_of_the_slope_belong_to_its_range(definitions, value: float, holds: bool):
    assert definitions["transgene_qpcr"].qpcr.curve.slope.holds(value) is holds


@pytest.mark.parametrize(("value", "holds"), [(0.98, True), (0.9799, False), (1.0, True)])
def test_that_an_r_squared_of_exactly_the_limit_passes(definitions, value: float, holds: bool):
    assert definitions["transgene_qpcr"].qpcr.curve.r_squared.holds(value) is holds


@pytest.mark.parametrize("slope", [-3.6, -3.1])
def test_that_the_efficiency_limit_does_not_refuse_what_the_slope_limit_allows(definitions, slope: float):
    efficiency = (10 ** (-1 / slope) - 1) * 100

    assert definitions["transgene_qpcr"].qpcr.curve.efficiency_pct.holds(efficiency)


def test_that_a_range_is_written_with_the_ends_it_has():
    def band(low: float | None, high: float | None) -> str:
        return str(Band(low=low, high=high, unit="", source="", mark=Mark.SOURCED))

    assert [band(0.98, None), band(None, 2), band(-3.6, -3.1), band(None, None)] == [
        "≥ 0.98",
        "≤ 2",
        "−3.6 to −3.1",
        "any",
    ]


@pytest.mark.parametrize(
    ("target", "measurand"),
    [
        ("Leukocytes", Measurand.WBC_EVENTS),
        ("Leukocytes/Lymphocytes", Measurand.LYMPHOCYTE_EVENTS),
        ("Leukocytes/Lymphocytes/CD3+", Measurand.CD3_EVENTS),
        ("Leukocytes/Lymphocytes/CD3+/CAR+", Measurand.CAR_POS_EVENTS),
        ("Leukocytes/Lymphocytes/CD3+/CAR+/PD-1+", Measurand.PD1_CAR_POS_EVENTS),
        ("Leukocytes/Lymphocytes/CD3+/CAR+/CD39+", Measurand.CD39_CAR_POS_EVENTS),
        ("Leukocytes/Lymphocytes/CD19+", Measurand.CD19_EVENTS),
        ("Beads", Measurand.BEAD_EVENTS),
        ("CAR/uL", Measurand.CAR_POS_CELLS_PER_UL),
        ("CAR/µL", Measurand.CAR_POS_CELLS_PER_UL),
        ("Leukocytes/Singlets", Measurand.IGNORED),
        ("Leukocytes/Lymphocytes/CD3+/CD8+/CAR+", None),
        ("Leukocytes/Lymphocytes/CD8+/PD-1+", None),
    ],
)
def test_that_a_gate_counts_only_under_the_parent_that_is_its_denominator(definitions, target, measurand):
    assert definitions["car_flow"].measurand_of(target) is measurand
