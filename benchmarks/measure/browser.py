"""The page's own worker in a headless Chromium: how fast it answers, and whether as Python does."""

from __future__ import annotations

import base64
import math
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.errors import BenchmarkError
from benchmarks.measure.models import ModelUnderTest
from benchmarks.measure.resume import key_of, resumed
from edge_app.classifier import Classifier, Prediction
from edge_app.delivery import is_built
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from evaluation.statistics import Percentiles, percentiles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 120_000  # milliseconds, until the page has its worker
THROTTLE = 4  # a phone's processor against this one
SLICE = 0.01  # seconds that a throttled browser runs at a stretch
STEP = 1 / 256  # of an int8 softmax: what two ways to add up may differ by

# Starts a worker of its own; it loads the model at the first request.
START = """async ([url, file]) => {
    let bundle;
    const ask = (source) => new Promise((resolve, reject) => {
        window.reader.onmessage = ({ data }) => {
            // How far its files have come is no answer.
            if (!('progress' in data)) resolve(data);
        };
        window.reader.onerror = ({ message }) => reject(new Error(message));
        window.reader.postMessage({ id: 1, bundle, source, files: {} });
    });
    window.query = async (text) => {
        const file = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);
        const start = performance.now();
        const { prediction, picture, refusal, failure } = await ask(file);
        const whole = performance.now() - start;
        if (!prediction) return { error: failure ?? refusal.code };
        const { verdict, label, probabilities, milliseconds } = prediction;
        picture.close();
        return { verdict, label, probabilities, infer: milliseconds.infer, whole };
    };
    const start = performance.now();
    bundle = await (await fetch('/bundle.json')).json();
    window.reader = new Worker(url);
    const { failure } = await ask(null);
    if (failure) return { error: failure };
    const loaded = performance.now();
    const { error } = await window.query(file);
    return error ? { error } : { load: loaded - start, first: performance.now() - start };
}"""


@dataclass(frozen=True)
class PageRun:
    """One file in the page's worker, pictures read one after the other.

    Attributes:
        file: The file's name in the report.
        load: Milliseconds from the start of a worker until its model is ready; over a local connection.
        first: Milliseconds from there, too, until the first answer.
        visit: Milliseconds from opening the page to the first answer shown, with nothing cached and Chromium
            held still three quarters of the time.
        model: Milliseconds of the interpreter alone.
        whole: Milliseconds from a picture's bytes to the answer, its small map included.
        python: Milliseconds of the same in Python with the same file, in turns with the page.
        queries: Number of timed answers.
        pictures: Number of pictures compared with Python.
        different: Pictures of them with another verdict or label, or a probability further away than a step
            of int8.
        deviation: The largest difference of any probability.
    """

    file: str
    load: float
    first: float
    visit: float
    model: Percentiles
    whole: Percentiles
    python: Percentiles
    queries: int
    pictures: int
    different: int
    deviation: float


@dataclass(frozen=True)
class InBrowser:
    """All bundles' files for browsers, and the browser's version."""

    chromium: str
    runs: tuple[PageRun, ...]


def missing() -> str | None:
    """Tells what is not installed that a browser is measured with."""
    if util.find_spec("playwright") is None:
        return "Playwright is not installed: pip install playwright."
    if _chromium() is None:
        return "Chromium is not installed: install your system's package chromium."
    if not is_built():
        return "The page was not built: pip install -e . builds it."
    return None


def measure(
    under_test: list[ModelUnderTest],
    pictures: list[Path],
    queries: int,
    parts: Path,
    progress: Callable[[str, int, int], None],
) -> InBrowser:
    """Reads pictures in the page's worker and in Python.

    What an earlier, interrupted call finished is taken from ``parts``.

    Args:
        under_test: All files; those that their bundle names for devices are measured.
        pictures: Read once by Python, and in turn by the page.
        queries: How many answers are timed at least.
        parts: Where each file's run is kept.
        progress: Told the file's name, the answers given and all of them.

    Raises:
        OtakError: Something is not installed, no bundle has a file for browsers, or a picture can't be read.
    """
    if lack := missing():
        raise BenchmarkError(lack)
    chosen = [model for model in under_test if model.is_default and model.file.format == "tflite"]
    if not chosen:
        raise BenchmarkError("No bundle names a file for browsers.")
    from playwright.sync_api import Error

    try:
        with _opened() as browser:
            runs = tuple(
                resumed(
                    parts / f"browser-{key_of(model.name, model.file.sha256, queries, len(pictures))}.json",
                    PageRun,
                    partial(_measure, browser, model, pictures, queries, progress),
                )
                for model in chosen
            )
            return InBrowser(browser.version, runs)
    except Error as error:
        raise BenchmarkError(f"Chromium failed: {error.message.splitlines()[0]}.") from None


def _measure(
    browser: Browser,
    model: ModelUnderTest,
    pictures: list[Path],
    queries: int,
    progress: Callable[[str, int, int], None],
) -> PageRun:
    classifier = model.open()
    rounds = math.ceil(queries / len(pictures))
    alone, whole, python, deviations = [], [], [], []
    different = 0
    with _served(classifier) as address, browser.new_context() as context:
        visit = _visit(browser, model, address, pictures[0])
        page = context.new_page()
        page.goto(address)
        start = _answer(model, page, START, [_worker(page), _encode(pictures[0])])
        for turn in range(rounds):
            for i, path in enumerate(pictures):
                answer = _answer(model, page, "(text) => window.query(text)", _encode(path))
                alone.append(answer["infer"])
                whole.append(answer["whole"])
                data = path.read_bytes()
                began = time.perf_counter()
                prediction = classifier.predict(data, path.name)
                python.append(1000 * (time.perf_counter() - began))
                if turn == 0:
                    deviations.append(_deviation(answer, prediction))
                    different += deviations[-1] > STEP or not _same(answer, prediction)
                progress(f"{model.name} in Chromium", turn * len(pictures) + i + 1, rounds * len(pictures))
    return PageRun(
        file=model.name,
        load=start["load"],
        first=start["first"],
        visit=visit,
        model=percentiles(alone),
        whole=percentiles(whole),
        python=percentiles(python),
        queries=len(whole),
        pictures=len(pictures),
        different=different,
        deviation=max(deviations),
    )


def _visit(browser: Browser, model: ModelUnderTest, address: str, picture: Path) -> float:
    """Opens the page as if for the first time and returns the milliseconds to its first answer, throttled."""
    with browser.new_context() as context, _throttled(browser):
        page = context.new_page()
        start = time.perf_counter()
        page.goto(address)
        page.set_input_files("#file", picture)
        page.wait_for_selector(".result, .alert", timeout=TIMEOUT)
        milliseconds = 1000 * (time.perf_counter() - start)
        for alert in page.locator(".alert").all_inner_texts():
            raise BenchmarkError(f"{model.name}: the page can't read a picture ({alert}).")
    return milliseconds


@contextmanager
def _throttled(browser: Browser) -> Iterator[None]:
    """Holds all of Chromium's processes still for all but one in `THROTTLE` slices of time.

    Chromium's own throttling slows the page's thread alone, and the model runs in another.
    """
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    group = os.getpgid(next(process["id"] for process in processes if process["type"] == "browser"))
    over = threading.Event()

    def hold() -> None:
        while not over.wait(SLICE):
            os.killpg(group, signal.SIGSTOP)
            time.sleep((THROTTLE - 1) * SLICE)
            os.killpg(group, signal.SIGCONT)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _worker(page: Page) -> str:
    """Returns the address of the script that the page runs as its worker."""
    worker = page.workers[0] if page.workers else page.wait_for_event("worker", timeout=TIMEOUT)
    return worker.url


def _answer(model: ModelUnderTest, page: Page, script: str, argument: Any) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(script, argument)
    if "error" in answer:
        raise BenchmarkError(f"{model.name}: the page can't read a picture ({answer['error']}).")
    return answer


def _same(answer: dict[str, Any], prediction: Prediction) -> bool:
    return bool(answer["verdict"] == prediction.verdict and answer["label"] == prediction.label)


def _deviation(answer: dict[str, Any], prediction: Prediction) -> float:
    given: dict[str, float] = answer["probabilities"]
    return max(abs(given[label] - value) for label, value in prediction.probabilities.items())


def _encode(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _chromium() -> str | None:
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@contextmanager
def _opened() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's sandbox needs rights that containers lack; only our own page is opened.
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _served(classifier: Classifier) -> Iterator[str]:
    """Serves the page with a classifier's bundle on a port of its own."""
    server = Server(create_app(classifier), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()
