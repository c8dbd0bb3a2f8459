"""Two readers, one answer: every file of the corpus through Python and through the page's worker."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from edge_app.classifier import Prediction
from edge_app.errors import ImageError
from tests import corpus
from tests.corpus.case import Case
from tests.edge_app.web.pages import ask, compare, compare_pictures
from tests.servers import Served

pytestmark = pytest.mark.browser

KINDS = ("image_cases", "dicom_cases", "quality_cases")


def corpus_cases() -> list[Case]:
    names = {module.name for module in pkgutil.iter_modules(corpus.__path__)}
    modules = [importlib.import_module(f"tests.corpus.{name}") for name in KINDS if name in names]
    return [case for module in modules for case in module.cases()]


CASES = corpus_cases()


@pytest.fixture(scope="module")
def reader(browser: Browser, served: Served) -> Iterator[Page]:
    """One page for all files, since each load costs a second."""
    page = browser.new_page()
    page.goto(served.address)
    yield page
    page.close()


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_readers_agree(reader: Page, served: Served, case: Case) -> None:
    answer = ask(reader, case.data)
    try:
        prediction = served.classifier.predict(case.data, case.name)
    except ImageError as error:
        assert error.code == case.error
        refusal = answer["refusal"]
        assert (refusal["code"], refusal["limit"]) == (error.code, error.details.get("limit"))
    else:
        assert case.error is None
        check_levels(prediction, case)
        compare(answer, prediction)
        compare_pictures(answer, prediction)


def check_levels(prediction: Prediction, case: Case) -> None:
    if case.levels is not None:
        shown = np.asarray(prediction.image.convert("RGB"))
        assert np.array_equal(shown, np.repeat(case.levels[..., None], 3, axis=2))
