import io
import zipfile
from collections.abc import Callable

import pytest

from labmon.domain.errors import UserError
from labmon.instruments.guard import check_workbook
from labmon.instruments.source import Source

from . import hostile

CASES = [(make, code) for code, makers in hostile.REFUSED_BEFORE_PARSING.items() for make in makers]


@pytest.mark.parametrize(("make", "code"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_that_a_dangerous_workbook_is_refused_before_any_parser(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(UserError) as caught:
        check_workbook(make())

    assert code == caught.value.code


def test_that_a_harmless_workbook_passes_and_is_read() -> None:
    workbook = Source("x.xlsx", hostile.harmless()).workbook

    assert [[1.0]] == workbook.sheet("Results").rows


def test_that_a_member_that_unpacks_to_more_than_it_may_is_too_large() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("xl/big.bin")
        archive.writestr(info, b"x")
        info.file_size, info.compress_size = 300 << 20, 200 << 20  # what the directory declares is enough to refuse

    with pytest.raises(UserError, match=r"^I012 .*300 MiB"):
        check_workbook(out.getvalue())


def test_that_a_single_cell_in_the_far_corner_is_too_large_not_fatal() -> None:
    with pytest.raises(UserError, match=r"^I012 Results: The sheet reaches over 17,179,869,184 cells"):
        Source("x.xlsx", hostile.one_far_cell()).workbook.sheet("Results")


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_that_a_workbook_cut_short_is_refused_as_damaged(share: float) -> None:
    data = hostile.harmless()

    with pytest.raises(UserError, match=r"^I002"):
        check_workbook(data[: int(len(data) * share)])
