import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.errors import UserError
from labmon.instruments.child import IsolatedReader
from labmon.workflow.amend import Amend
from labmon.workflow.assess import Assess
from labmon.workflow.patients import Patients, patient_rows

from .conftest import ACTOR, Laboratory
from .making import qpcr_text, qubit_csv

PER_UG = Analyte.TRANSGENE_COPIES_PER_UG_DNA


def test_that_a_result_knows_its_versions_its_run_and_the_files_it_rests_on(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0}))
    first = lab.one("P-001-D014", PER_UG)
    Amend(lab.study, ACTOR).exclude_result(first.result_id, "sample swap suspected")

    with IsolatedReader(spares=0) as reader:
        history = Patients(lab.study, reader).history(lab.one("P-001-D014", PER_UG).result_id)

    assert [2, 1] == [version.version for version in history.versions]
    assert ("CAR 0201", "P-001-D014") == (history.run.run_code, history.specimen.specimen_code)
    assert {"dna.csv", "run.txt"} == {stored.file_name for stored in history.files}
    assert history.specimen_age is not None


def test_that_the_original_row_is_shown_from_the_record_even_when_the_file_is_gone(lab: Laboratory) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0}))
    (lab.folder / "run.txt").unlink()
    provenance = lab.one("P-001-D014", Analyte.TRANSGENE_COPIES_PER_REACTION).draft.provenance[0]

    with IsolatedReader(spares=0) as reader:
        part = Patients(lab.study, reader).original(provenance)

    assert provenance.place.row is not None
    assert provenance.raw in part.rows[provenance.place.row - part.first_row]


def test_that_a_result_nobody_recorded_is_refused(lab: Laboratory) -> None:
    with IsolatedReader(spares=0) as reader, pytest.raises(UserError, match=r"^R807"):
        Patients(lab.study, reader).history(999)


def test_that_the_list_has_a_row_a_patient_in_order_of_their_codes(lab: Laboratory) -> None:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0}))

    one, two = patient_rows(Assess(lab.study).all_patients())

    assert ("P-001", "P-002") == (one.patient_code, two.patient_code)
    assert (14.0, None) == (one.last_result_day, two.last_result_day)
    assert (1, 0) == (len(one.sparkline), len(two.sparkline))
