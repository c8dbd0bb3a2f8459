"""Firefox and WebKitGTK answer as Python: they open a page that asks the worker and posts its answers."""

import io
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Response, request
from PIL import Image

from edge_app import Classifier, delivery
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from tests.dicoms import kinds as kinds_of_dicom
from tests.phantoms import phantom

pytestmark = pytest.mark.browser

STEP = 1 / 256  # of an int8 softmax
COMMANDS = {
    "firefox-esr": ["firefox-esr", "--headless", "--no-remote", "--profile"],
    # A small browser around WebKitGTK; it takes its profile from HOME.
    "surf": ["xvfb-run", "--auto-servernum", "surf"],
}

CHECK = """(async () => {
    const [{ worker, count }, bundle, send] = [
        await (await fetch('/check.json')).json(),
        await (await fetch('/bundle.json')).json(),
        (body) => fetch('/check', { method: 'POST', body: JSON.stringify(body) }),
    ];
    try {
        const reader = new Worker(worker);
        const answers = [];
        for (let id = 0; id < count; id++) {
            const source = await (await fetch(`/check/${id}`)).blob();
            const reply = await new Promise((resolve, reject) => {
                reader.onmessage = ({ data }) => resolve(data);
                reader.onerror = ({ message }) => reject(new Error(message));
                reader.postMessage({ id, bundle, source, files: {} });
            });
            if (!reply.prediction) throw new Error(JSON.stringify(reply));
            const { verdict, label, probabilities, reasons } = reply.prediction;
            answers.push({ verdict, label, probabilities, reasons });
        }
        await send({ answers });
    } catch (error) {
        await send({ failure: String(error) });
    }
})();"""


class Checked:
    """The app with a page more, which sends the answers to some pictures."""

    def __init__(self, pictures: list[bytes]) -> None:
        self.classifier = Classifier.load()
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        (worker,) = delivery.PAGE.glob("assets/worker-*.js.gz")
        app = create_app(self.classifier)
        app.add_url_rule(
            "/check.html", view_func=lambda: '<script src="/check.js"></script>', endpoint="html"
        )
        app.add_url_rule(
            "/check.js", view_func=lambda: Response(CHECK, mimetype="text/javascript"), endpoint="js"
        )
        app.add_url_rule(
            "/check.json",
            view_func=lambda: {"worker": f"/assets/{worker.stem}", "count": len(pictures)},
            endpoint="json",
        )
        app.add_url_rule(
            "/check/<int:index>", view_func=lambda index: Response(pictures[index]), endpoint="picture"
        )
        app.add_url_rule("/check", view_func=self._take, methods=["POST"], endpoint="take")
        self._server = Server(app, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.port}/check.html"
        threading.Thread(target=self._server.run, daemon=True).start()

    def _take(self) -> str:
        self.answers.put(json.loads(request.get_data()))
        return ""

    def close(self) -> None:
        self._server.stop()


def start(browser: str, address: str, profile: Path) -> subprocess.Popen[bytes]:
    command = COMMANDS[browser]
    if lacking := [name for name in (browser, command[0]) if shutil.which(name) is None]:
        pytest.skip(f"no {lacking[0]}; install the package of that name")
    if command[-1] == "--profile":
        command = [*command, str(profile)]
    environment = {"HOME": str(profile), "PATH": "/usr/bin:/bin", "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
    output = subprocess.DEVNULL
    return subprocess.Popen(
        [*command, address], env=environment, stdout=output, stderr=output, start_new_session=True
    )


def drawn() -> list[bytes]:
    """Returns a file of every kind that is read."""
    grey = phantom("glioma", 1)
    kinds: list[dict[str, Any]] = [
        {"format": "PNG"},
        {"format": "JPEG"},
        {"format": "JPEG", "progressive": True},
        {"format": "WEBP"},
        {"format": "BMP"},
    ]
    files = []
    for kind in kinds:
        buffer = io.BytesIO()
        grey.convert("RGB").save(buffer, **kind)
        files.append(buffer.getvalue())
    sixteen = io.BytesIO()
    Image.fromarray(np.asarray(grey.convert("L")).astype(np.uint16) * 4).save(sixteen, "PNG")
    return [*files, sixteen.getvalue(), *kinds_of_dicom().values()]


@pytest.fixture
def slices(otak_data: Path) -> list[bytes]:
    paths = sorted(otak_data.rglob("*.jpg"))
    return [path.read_bytes() for path in paths[:: len(paths) // 30]]


@pytest.mark.parametrize("browser", COMMANDS)
def test_every_kind_of_file(browser: str, tmp_path: Path) -> None:
    check(browser, drawn(), tmp_path)


@pytest.mark.parametrize("browser", COMMANDS)
def test_a_sample_of_slices(browser: str, slices: list[bytes], tmp_path: Path) -> None:
    check(browser, slices, tmp_path)


def check(browser: str, pictures: list[bytes], tmp_path: Path) -> None:
    checked = Checked(pictures)
    process = start(browser, checked.address, tmp_path)
    try:
        sent = checked.answers.get(timeout=120)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        checked.close()
    assert "failure" not in sent, sent
    for answer, picture in zip(sent["answers"], pictures, strict=True):
        prediction = checked.classifier.predict(picture)
        assert (answer["verdict"], answer["label"]) == (prediction.verdict, prediction.label)
        assert tuple(answer["reasons"]) == prediction.reasons
        for label, probability in prediction.probabilities.items():
            assert abs(answer["probabilities"][label] - probability) <= STEP, label
