import argparse
import json
from pathlib import Path

import pytest

from labmon.cli import kinetics

TABLE = """\
profile,time_days,value,value_state,lloq
P1,0,,not_detected,50
P1,10,1000,quantified,50
P1,21,100,quantified,50
P1,35,,not_detected,50
P2,28,8664.84,quantified,50
"""


def run(tmp_path: Path, *options: str) -> int:
    path = tmp_path / "profiles.csv"
    path.write_text(TABLE, encoding="utf-8")
    parser = argparse.ArgumentParser()
    kinetics.add_arguments(parser)
    return kinetics.run(parser.parse_args([str(path), *options]))


def test_that_json_holds_every_parameter_and_the_reason_of_each_withheld_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(tmp_path, "--json")
    document = json.loads(capsys.readouterr().out)
    first, second = document["profiles"]

    assert 0 == status
    assert "linear up/log down; below LLOQ: first keep, middle drop, last keep" == document["settings"]
    assert ("P1", 1000, 10, 10, 21, 100) == tuple(
        first[name] for name in ("profile", "cmax", "tmax", "tfirst", "tlast", "clast")
    )
    assert first["auc_0_28"] == pytest.approx(9299.515, abs=1e-3)
    assert first["auc_0_84"] is None
    assert "last_sample_before_tau" == first["withheld"]["auc_0_84"]
    assert "one_sample" == second["withheld"]["auc_0_28"]
    withheld = {name for name, value in second.items() if value is None}
    assert withheld == set(second["withheld"])
    assert {"lambda_z", "half_life", "lambda_z_points", "adj_r_squared", "span_ratio"} <= withheld


def test_that_the_table_names_the_reason_where_there_is_no_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path)
    lines = capsys.readouterr().out.splitlines()

    assert ["P2", "8660", "28.0", "28.0", "one_sample", "one_sample", "too_few_points"] == lines[2].split()
    assert "middle drop" in lines[-1]


def test_that_the_policy_for_values_below_lloq_is_a_choice_recorded_with_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "--json", "--blq-last", "keep", "--auc-to-first-blq", "--auc-rule", "linear")
    document = json.loads(capsys.readouterr().out)

    assert (
        "linear; below LLOQ: first keep, middle drop, last keep; to the first sample below LLOQ"
        == (document["settings"])
    )
    assert 11_575 == document["profiles"][0]["auc_0_28"]


def test_that_doubtful_samples_are_named_beside_the_parameters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "doubtful.csv"
    rows = "A,-3,,not_detected,50\nA,7,900,quantified,50\nA,7,800,quantified,50\n"
    path.write_text(TABLE.splitlines()[0] + "\n" + rows, encoding="utf-8")
    parser = argparse.ArgumentParser()
    kinetics.add_arguments(parser)
    kinetics.run(parser.parse_args([str(path), "--json"]))
    (only,) = json.loads(capsys.readouterr().out)["profiles"]

    assert ["K606", "K602"] == [issue["code"] for issue in only["issues"]]
    assert "duplicate_times" == only["withheld"]["auc_0_28"]
    kinetics.run(parser.parse_args([str(path)]))
    assert "K602 Two results of profile A on day 7. Exclude one of them with a reason." in capsys.readouterr().out


def test_that_all_profiles_together_have_one_persistence_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "group.csv"
    rows = "A,60,900,quantified,50\nA,88,,not_detected,50\nA,116,,not_detected,50\nB,120,80,quantified,50\n"
    path.write_text(TABLE.splitlines()[0] + "\n" + rows, encoding="utf-8")
    parser = argparse.ArgumentParser()
    kinetics.add_arguments(parser)
    kinetics.run(parser.parse_args([str(path), "--json"]))
    document = json.loads(capsys.readouterr().out)

    assert {"state": "lost", "left_day": 60, "right_day": 88} == document["profiles"][0]["persistence"]
    group = document["persistence"]
    assert ("turnbull", 2, 1, 1) == tuple(group[name] for name in ("estimator", "courses", "losses", "censored"))
    assert [[60, 88, 0.5]] == [[s["from_day"], s["day"], pytest.approx(s["survival"])] for s in group["steps"]]

    kinetics.run(parser.parse_args([str(path), "--persistence-by", "midpoint"]))
    assert "persistence: median 74 d; 2 courses, 1 losses" in capsys.readouterr().out
