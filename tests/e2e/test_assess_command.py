import json
from pathlib import Path

import pytest

from .conftest import ENTRY, Labmon


def test_that_every_patient_is_told_with_findings_and_decision(labmon: Labmon, demo_study: Path) -> None:
    ended = labmon("assess", "--study", demo_study, by=ENTRY)

    assert (0, "") == (ended.status, ended.err)
    pages = ended.out.split("\n\n")
    assert 24 == len(pages)
    assert all(page.splitlines()[-1].startswith("  eligibility: ") for page in pages)
    assert any("FLAG FOR REVIEW: R6" in page for page in pages)


def test_that_one_patient_is_told_alone_and_the_study_may_come_from_the_environment(
    labmon: Labmon, demo_study: Path
) -> None:
    ended = labmon("assess", "--patient", "DEMO-001", LABMON_STUDY=str(demo_study))

    assert 0 == ended.status
    assert ended.out.startswith("DEMO-001  day ")
    assert "DEMO-002" not in ended.out


def test_that_json_says_the_same_as_the_text(labmon: Labmon, demo_study: Path) -> None:
    text = labmon("assess", "--study", demo_study, "--patient", "DEMO-001").out
    document = json.loads(labmon("assess", "--study", demo_study, "--patient", "DEMO-001", "--json").out)

    (patient,) = document["patients"]
    assert ("DEMO-001", True) == (patient["patient_code"], patient["flagged"])
    assert "nct06389305" == document["protocol"]["id"].lower()
    for finding in patient["findings"]:
        assert finding["sentence"] in text


def test_that_as_of_leaves_out_what_was_collected_later(labmon: Labmon, demo_study: Path) -> None:
    now = labmon("assess", "--study", demo_study, "--patient", "DEMO-001", "--json")
    then = labmon("assess", "--study", demo_study, "--patient", "DEMO-001", "--json", "--as-of", "2026-01-04")

    today, earlier = (json.loads(each.out) for each in (now, then))
    assert ("2026-10-31", "2026-01-04") == (today["as_of"], earlier["as_of"])
    assert (True, False) == (today["patients"][0]["flagged"], earlier["patients"][0]["flagged"])
    assert 60 == earlier["patients"][0]["day"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--patient", "DEMO-999"), "R807"), (("--as-of", "31.12.2026"), None), (("--study", "nothing.labmon"), "R809")],
)
def test_that_what_cannot_be_assessed_is_refused_with_status_2(
    labmon: Labmon, demo_study: Path, arguments: tuple[str, ...], code: str | None
) -> None:
    ended = labmon("assess", "--study", demo_study, *arguments)

    assert (2, "") == (ended.status, ended.out)
    assert "Traceback" not in ended.err
    if code is not None:
        assert 1 == len(ended.err.splitlines())
        assert ended.err.startswith(code)


def test_that_assessing_writes_nothing(labmon: Labmon, demo_study: Path) -> None:
    before = demo_study.read_bytes()

    labmon("assess", "--study", demo_study)

    assert before == demo_study.read_bytes()
    assert [demo_study.name] == [path.name for path in demo_study.parent.glob("demo.labmon*")]
