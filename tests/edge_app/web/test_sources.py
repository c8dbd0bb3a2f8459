"""Two readers, the same slices: ZIP files and files of several frames through Python and through the page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from edge_app.errors import ImageError
from edge_app.image import count_frames
from edge_app.sources import slices_of
from tests.corpus.zip_cases import frames, mutants, zip_cases, zipped
from tests.dicoms import faults, kinds, packed
from tests.edge_app.web.pages import ask, compare, compare_pictures
from tests.phantoms import phantom, png
from tests.servers import Served

pytestmark = pytest.mark.browser

MUTANTS = 400

# Finds the slices in files, in the worker that `ask` made.
FIND = """async (given) => {
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const request = { id: 1, given: given.map(([name, file]) => ({ name, file: new Blob([bytes(file)]) })) };
    const { data } = await new Promise((resolve) => {
        window.reader.onmessage = resolve;
        window.reader.postMessage(request);
    });
    window.found = data.found;
    const told = ({ name, frame, refusal }) => [name, frame, refusal?.code ?? null, refusal?.limit ?? null];
    return data.found?.map(told) ?? data;
}"""

# Reads the slices that were found last.
READ = """async () => {
    const answers = [];
    for (const { content, frame, refusal } of window.found) {
        if (refusal) continue;
        const { data } = await new Promise((resolve) => {
            window.reader.onmessage = resolve;
            window.reader.postMessage({ id: 1, bundle: window.bundle, source: content, frame, files: {} });
        });
        const told = data.prediction;
        answers.push(data.refusal?.code ?? [told.verdict, told.label, told.frame, told.frames, told.quality]);
    }
    return answers;
}"""

CASES = list(zip_cases())


@pytest.fixture(scope="module")
def reader(browser: Browser, served: Served) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(served.address)
    ask(page, png(phantom("glioma", 1)))
    yield page
    page.close()


def find(page: Page, *given: tuple[str, bytes]) -> Any:
    return page.evaluate(FIND, [[name, base64.b64encode(data).decode()] for name, data in given])


def found(*given: tuple[str, bytes]) -> Any:
    """Returns what Python finds, as ``find`` does."""
    try:
        return [_told(each.name, each.frame, each.content) for each in slices_of(given, count_frames)]
    except ImageError as error:
        return {
            "id": 1,
            "refusal": {"code": error.code, "limit": error.details.get("limit"), "elsewhere": False},
        }


def _told(name: str, frame: int | None, content: object) -> list[Any]:
    code, limit = None, None
    if isinstance(content, ImageError):
        code, limit = content.code, content.details.get("limit")
    return [name, frame, code, limit]


@pytest.mark.parametrize(("name", "data"), CASES, ids=[name for name, _ in CASES])
def test_both_find_the_same(reader: Page, name: str, data: bytes) -> None:
    assert find(reader, ("s.zip", data)) == found(("s.zip", data))


def test_both_find_the_same_in_several_files(reader: Page) -> None:
    given = [
        ("a.dcm", frames(2)),
        ("b.zip", zipped({"x/c.dcm": frames(3), "a.png": png(phantom("glioma", 2, size=64))})),
        ("\x1b[2Jc.png", png(phantom("glioma", 3, size=64))),
        ("nothing", b""),
        *((name, data) for name, data in (kinds() | faults()).items()),
        ("packed", packed()),
    ]
    assert find(reader, *given) == found(*given)


def test_too_many_of_several_files_are_none(reader: Page) -> None:
    given = [("a.dcm", frames(1500, 32)), ("b.dcm", frames(501, 32))]
    assert find(reader, *given) == found(*given)
    assert find(reader, *given)["refusal"] == {"code": "too_many_slices", "limit": 2000, "elsewhere": False}


def test_whatever_a_zip_file_holds_both_find_the_same(reader: Page) -> None:
    for data in mutants(MUTANTS):
        assert find(reader, ("s.zip", data)) == found(("s.zip", data)), base64.b64encode(data)


def test_every_slice_is_read_alike(reader: Page, served: Served) -> None:
    """From a ZIP file too, where it is unpacked once more."""
    inside = zipped({"a.dcm": frames(3, 128), "b.png": png(phantom("meningioma", 2)), "c.txt": b"a letter"})
    find(reader, ("s.zip", inside), ("more.dcm", frames(2, 100)))
    expected: list[Any] = []
    for each in slices_of([("s.zip", inside), ("more.dcm", frames(2, 100))], count_frames):
        assert isinstance(each.content, bytes)
        try:
            told = served.classifier.predict(each.content, each.name, each.frame)
        except ImageError as error:
            expected.append(error.code)
        else:
            quality = vars(told.quality)
            expected.append([told.verdict, told.label, told.frame, told.frames, quality])
    assert reader.evaluate(READ) == expected


def test_every_frame_shows_the_same_pixels(reader: Page, served: Served) -> None:
    data = kinds()["frames"]
    for frame in range(3):
        answer = ask(reader, data, frame)
        prediction = served.classifier.predict(data, "frames", frame)
        compare(answer, prediction)
        compare_pictures(answer, prediction)
    assert ask(reader, data, 3) == {"id": 1, "refusal": {"code": "dicom", "limit": None, "elsewhere": False}}
