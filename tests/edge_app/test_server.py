import base64
import contextlib
import html
import http.client
import io
import json
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from edge_app import BundleError, Classifier
from edge_app.bundle import Thresholds
from edge_app.languages import sentence
from edge_app.server import create_app
from tests.conftest import heed_interrupts
from tests.phantoms import LABELS, phantom

API = "/api/v1/predict"
BIG = bytes(20_000_001)


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


@pytest.fixture
def client(classifier: Classifier) -> FlaskClient:
    return create_app(classifier).test_client()


def form(data: bytes, name: str) -> tuple[bytes, str]:
    """A form with one file, as a browser sends it, and its content type."""
    boundary = uuid.uuid4().hex
    quoted = name.replace("\\", "\\\\").replace('"', "%22")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def send(
    client: FlaskClient, data: bytes, name: str = "a.jpg", to: str = "/form", language: str = "en"
) -> TestResponse:
    body, kind = form(data, name)
    return client.post(to, data=body, content_type=kind, headers={"Accept-Language": language})


def text(response: TestResponse) -> str:
    return html.unescape(response.text)


def alert(response: TestResponse) -> str:
    found = re.search(r'role="alert".*?</div>', text(response), re.DOTALL)
    assert found, "the page has no alert"
    return found[0]


def judged(classifier: Classifier, unsure: float, refused: float) -> FlaskClient:
    bundle = replace(classifier.bundle, thresholds=Thresholds(unsure, refused=refused))
    return create_app(Classifier(bundle, classifier.file, classifier.runtime)).test_client()


# The form


def test_the_empty_page(client: FlaskClient) -> None:
    page = client.get("/form")
    assert page.status_code == 200
    assert page.mimetype == "text/html"
    assert '<html lang="en">' in page.text
    assert page.text.count('type="file" name="file" accept="image/*"') == 2
    assert page.text.count('capture="environment"') == 1
    assert 'role="alert"' not in page.text
    for key in ("disclaimer", "licence"):
        assert sentence("en", key) in text(page)
    for identity in re.findall(r"<input id=\"(\w+)\"", page.text):
        assert f'<label for="{identity}">' in page.text


def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere(client: FlaskClient, glioma: Path) -> None:
    for page in (client.get("/form"), send(client, glioma.read_bytes())):
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert "http" not in page.text.replace("http-equiv", "")
        for address in re.findall(r'(?:src|href)="(/[^"]*)"', page.text):
            with client.get(address) as response:
                assert response.status_code == 200


def test_an_answer_on_the_page(client: FlaskClient, classifier: Classifier, glioma: Path) -> None:
    page = send(client, glioma.read_bytes(), "slice 7.jpg")
    assert page.status_code == 200
    assert "<h1>Glioma</h1>" in page.text
    assert "<title>Glioma" in page.text
    assert page.text.count("<rect ") == 4
    for part in (
        "slice 7.jpg",
        "None of the three tumours seen",
        "Pituitary tumour",
        "toy 1, toy-int8.tflite",
    ):
        assert part in text(page)
    for key in ("disclaimer", "next.tumour", "reason.uncalibrated", "page.heatmap"):
        assert sentence("en", key) in text(page)
    assert classifier.file.sha256[:12] in page.text


def shown(page: TestResponse) -> Image.Image:
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page.text)
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


def test_the_picture_is_shown_small_and_marked(client: FlaskClient) -> None:
    buffer = io.BytesIO()
    picture = phantom("glioma", 1, size=900)
    picture.save(buffer, "PNG")
    image = shown(send(client, buffer.getvalue()))
    assert image.size == (512, 512)
    colours = np.asarray(image).astype(int)
    assert (colours[..., 0] - colours[..., 2]).max() > 60  # orange somewhere
    assert np.abs(colours[..., 0] - np.asarray(picture.resize((512, 512)))).mean() < 20


def test_without_a_tumour(client: FlaskClient) -> None:
    buffer = io.BytesIO()
    phantom("no_tumor", 2).save(buffer, "PNG")
    page = send(client, buffer.getvalue())
    assert "<h1>No glioma, meningioma or pituitary tumour seen on this slice</h1>" in page.text
    for key in ("limitation.no_tumor", "next.no_tumour"):
        assert sentence("en", key) in text(page)
    assert "no tumour" not in text(page).lower()
    assert shown(page).size == (256, 256)


@pytest.mark.parametrize("size", [(32, 6000), (6000, 32)])
def test_a_very_long_picture_is_shown(client: FlaskClient, size: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(buffer, "PNG")
    page = send(client, buffer.getvalue())
    assert page.status_code == 200
    assert max(shown(page).size) == 512


def test_unsure_and_refused(classifier: Classifier, glioma: Path) -> None:
    unsure = send(judged(classifier, 1.1, 0.1), glioma.read_bytes())
    assert unsure.status_code == 200
    assert "<h1>Most likely Glioma</h1>" in unsure.text
    for key in ("verdict.name.unsure", "reason.low_confidence", "next.unsure"):
        assert sentence("en", key) in text(unsure)
    assert sentence("en", "limitation.no_tumor") not in text(unsure)
    refused = send(judged(classifier, 1.1, 1.1), glioma.read_bytes())
    assert refused.status_code == 200
    assert "<h1>No answer</h1>" in refused.text
    assert "<rect" not in refused.text
    assert sentence("en", "page.heatmap") not in text(refused)
    assert np.ptp(np.asarray(shown(refused)).astype(int), axis=2).max() < 10
    for key in ("verdict.name.refused", "reason.no_brain_mri", "next.refused", "disclaimer"):
        assert sentence("en", key) in text(refused)


def test_the_camera_counts_as_well(client: FlaskClient, glioma: Path) -> None:
    files = [(io.BytesIO(b""), ""), (io.BytesIO(glioma.read_bytes()), "photo.jpg")]
    assert "<h1>Glioma</h1>" in client.post("/form", data={"file": files}).text


# Languages


def test_the_browser_s_language(client: FlaskClient) -> None:
    for accepted, language in (
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("de,en;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
    ):
        page = client.get("/form", headers={"Accept-Language": accepted})
        assert f'<html lang="{language}">' in page.text, accepted


def test_the_chosen_language_is_remembered(client: FlaskClient, glioma: Path) -> None:
    assert 'href="/form?lang=id"' in client.get("/form").text
    chosen = client.get("/form?lang=id")
    assert '<html lang="id">' in chosen.text
    for flag in ("HttpOnly", "SameSite=Lax"):
        assert flag in chosen.headers["Set-Cookie"]
    page = send(client, glioma.read_bytes())
    assert "Set-Cookie" not in page.headers
    assert '<html lang="id">' in page.text
    assert sentence("id", "next.tumour") in text(page)
    assert "Tidak tampak ketiga jenis tumor" in page.text
    assert '<html lang="en">' in client.get("/form?lang=en").text
    assert '<html lang="en">' in client.get("/form").text


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    page = client.get("/form?lang=../../etc")
    assert '<html lang="en">' in page.text
    assert "Set-Cookie" not in page.headers
    client.set_cookie("lang", "xx")
    assert '<html lang="en">' in client.get("/form").text


# Bad input, by both doors


def bad_uploads() -> dict[str, tuple[bytes, int, str]]:
    buffer = io.BytesIO()
    phantom("glioma", 1).save(buffer, "JPEG")
    bomb, tiny = io.BytesIO(), io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(bomb, "PNG")
    Image.new("L", (20, 20)).save(tiny, "PNG")
    return {
        "text": (b"a letter", 415, "no_image"),
        "cut": (buffer.getvalue()[:900], 422, "damaged"),
        "empty": (b"", 422, "empty"),
        "bomb": (bomb.getvalue(), 422, "too_many_pixels"),
        "tiny": (tiny.getvalue(), 422, "too_small"),
        "big": (BIG, 413, "too_many_bytes"),
        "huge": (BIG + bytes(1_000_000), 413, "too_many_bytes"),
    }


@pytest.mark.parametrize("kind", bad_uploads())
def test_bad_uploads(client: FlaskClient, kind: str) -> None:
    data, status, code = bad_uploads()[kind]
    answer = send(client, data, f"{kind}.jpg", to=API)
    assert answer.status_code == status
    assert answer.json["error"]["code"] == code
    page = send(client, data, f"{kind}.jpg")
    assert page.status_code == status
    assert answer.json["error"]["message"] in alert(page)
    if kind != "huge":  # whose form is not even read
        assert answer.json["path"] == f"{kind}.jpg"
        assert f"{kind}.jpg: " in alert(page)
    indonesian = alert(send(client, data, f"{kind}.jpg", language="id"))
    assert sentence("id", "page.error") in indonesian
    assert answer.json["error"]["message"] not in indonesian


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"data": {"file": "text, not a file"}},
        {"data": {"other": (io.BytesIO(b"x"), "a.jpg")}},
        {"data": b"no form at all", "content_type": "multipart/form-data"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
        {"json": {"file": "a.jpg"}},
    ],
)
def test_no_file(client: FlaskClient, form: dict[str, object]) -> None:
    answer = client.post(API, **form)
    assert answer.status_code == 400
    assert answer.json == {"error": {"code": "no_file", "message": sentence("en", "error.no_file")}}


def test_no_file_chosen_on_the_page(client: FlaskClient) -> None:
    page = client.post("/form", data={"file": [(io.BytesIO(b""), ""), (io.BytesIO(b""), "")]})
    assert page.status_code == 400
    assert sentence("en", "error.no_file") in alert(page)


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ani\\scan.jpg", "scan.jpg"),
        ("<script>alert(1)<img src=x>", "<script>alert(1)<img src=x>"),
        ("{limit}.jpg", "{limit}.jpg"),
        ("a\u202egpj.exe", "a�gpj.exe"),
        ("/", "Your upload"),
        ("x" * 5000 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_names_are_not_trusted(client: FlaskClient, name: str, shown_as: str, glioma: Path) -> None:
    for data in (b"a letter", glioma.read_bytes()):
        assert send(client, data, name, to=API).json["path"] == shown_as
        page = send(client, data, name)
        assert html.escape(shown_as) in page.text
        assert "<script" not in page.text


def test_addresses_that_do_not_exist(client: FlaskClient) -> None:
    for path in ("/api/v1/absent", "/api", "/api/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    answer = client.get(API)
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    page = client.get("/absent?lang=id")
    assert page.status_code == 404
    assert sentence("id", "error.not_found") in alert(page)
    assert client.get("/static/../server.py").status_code == 404
    assert client.put("/form").status_code == 405


class Failing(Classifier):
    def __init__(self, classifier: Classifier, error: Exception) -> None:
        super().__init__(classifier.bundle, classifier.file, classifier.runtime)
        self.error = error

    def predict(self, *_: object, **__: object) -> None:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("secret path"), BundleError("secret path"), MemoryError()])
def test_a_fault_of_its_own(classifier: Classifier, error: Exception, glioma: Path) -> None:
    client = create_app(Failing(classifier, error)).test_client()
    page = send(client, glioma.read_bytes())
    assert page.status_code == 500
    assert sentence("en", "error.internal") in alert(page)
    answer = send(client, glioma.read_bytes(), to=API)
    assert answer.status_code == 500
    assert answer.json["error"]["message"] == sentence("en", "error.internal")
    for response in (page, answer):
        assert "secret" not in response.text
        assert "Traceback" not in response.text


# The API


def test_predict(client: FlaskClient, classifier: Classifier, glioma: Path) -> None:
    answer = send(client, glioma.read_bytes(), "glioma.jpg", to=API).json
    assert set(answer) == {"path", "verdict", "label", "probabilities", "reasons", "milliseconds", "model"}
    assert (answer["path"], answer["verdict"], answer["label"]) == ("glioma.jpg", "answer", "glioma")
    assert answer["probabilities"] == classifier.predict(glioma).probabilities
    assert set(answer["probabilities"]) == set(LABELS)
    assert answer["model"] == {"name": "toy", "version": "1", "file": "toy-int8.tflite"}


def test_health(client: FlaskClient, classifier: Classifier) -> None:
    health = client.get("/api/v1/health").json
    assert health["status"] == "ok"
    assert health["runtime"] == classifier.runtime.name
    assert health["model"] == {
        "name": "toy",
        "version": "1",
        "file": "toy-int8.tflite",
        "sha256": classifier.file.sha256,
        "precision": "int8",
    }


def test_predict_with_what_is_shown(client: FlaskClient, classifier: Classifier) -> None:
    buffer = io.BytesIO()
    phantom("glioma", 1, size=900).save(buffer, "PNG")
    answer = send(client, buffer.getvalue(), to=f"{API}?shown=1").json["shown"]
    picture, heat = (Image.open(io.BytesIO(base64.b64decode(answer[key]))) for key in ("picture", "heatmap"))
    assert (picture.format, heat.format) == ("JPEG", "PNG")
    assert picture.size == heat.size == (512, 512)
    expected = classifier.predict(buffer.getvalue()).heatmap
    alpha = np.asarray(heat.getchannel("A"))
    assert abs(alpha.max() / 255 - expected.max()) < 0.05
    assert answer["sha256"] == classifier.file.sha256
    assert answer["runtime"] == classifier.runtime.name


def test_headers(client: FlaskClient, glioma: Path) -> None:
    responses = [
        client.get("/form"),
        client.get("/absent"),
        send(client, glioma.read_bytes()),
        send(client, b"a letter"),
        send(client, glioma.read_bytes(), to=API),
        client.get("/api/v1/health"),
    ]
    for response in responses:
        assert response.headers["Cache-Control"] == "no-store"
    with client.get("/static/page.css") as style:
        responses.append(style)
    for response in responses:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


# The whole, over HTTP


@contextlib.contextmanager
def serving(bundle: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "edge_app.cli", "serve", "--bundle", str(bundle), "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, preexec_fn=heed_interrupts, **pipes) as process:
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, line + process.stderr.read()
            yield process, address[0]
        finally:
            process.kill()


@pytest.fixture(scope="module")
def address(toy_bundle: Path) -> Iterator[str]:
    with serving(toy_bundle) as (_, address):
        yield address


def post(address: str, path: str, data: bytes, name: str = "a.jpg") -> tuple[int, bytes]:
    body, kind = form(data, name)
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc, timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", path, body, {"Content-Type": kind})
        response = connection.getresponse()
        return response.status, response.read()


def test_over_http(address: str, classifier: Classifier, glioma: Path) -> None:
    with urllib.request.urlopen(f"{address}/form", timeout=60) as response:
        assert response.status == 200
        assert response.headers["Server"] == "otak"
    status, page = post(address, "/form", glioma.read_bytes())
    assert status == 200
    assert b"<h1>Glioma</h1>" in page
    status, answer = post(address, API, glioma.read_bytes())
    assert status == 200
    assert json.loads(answer)["probabilities"] == classifier.predict(glioma).probabilities


@pytest.mark.parametrize("size", [len(BIG), 21_000_000, 60_000_000])
def test_too_large_over_http(address: str, size: int) -> None:
    status, answer = post(address, API, bytes(size))
    assert status == 413
    assert json.loads(answer)["error"]["code"] == "too_many_bytes"
    status, page = post(address, "/form", bytes(size))
    assert status == 413
    assert b'role="alert"' in page
    assert b"larger than 20 MB" in page


def test_many_at_once_over_http(address: str, classifier: Classifier) -> None:
    pictures = []
    for label in LABELS:
        buffer = io.BytesIO()
        phantom(label, 3).save(buffer, "PNG")
        pictures.append(buffer.getvalue())
    expected = [classifier.predict(picture).probabilities for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda picture: post(address, API, picture), pictures * 5))
    for index, (status, answer) in enumerate(results):
        assert status == 200
        assert json.loads(answer)["probabilities"] == expected[index % len(pictures)]


def test_it_stops_quietly_and_tells_nobody_of_the_pictures(toy_bundle: Path, glioma: Path) -> None:
    with serving(toy_bundle) as (process, address):
        for path in ("/form", API):
            post(address, path, glioma.read_bytes(), "ibu-ani.jpg")
            post(address, path, b"a letter", "ibu-ani.jpg")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output + errors == ""
