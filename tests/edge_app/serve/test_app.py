from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient
from PIL import Image

from edge_app import BundleError, Classifier, delivery
from edge_app.errors import ImageTooLarge
from edge_app.languages import sentence
from edge_app.serve.app import create_app
from edge_app.serve.operation import FEW
from tests.edge_app.serve.asking import API, BIG, answer_to, problem, send
from tests.phantoms import phantom, png


def bad_uploads() -> dict[str, tuple[bytes, int, str]]:
    buffer = io.BytesIO()
    phantom("glioma", 1).save(buffer, "JPEG")
    return {
        "text": (b"a letter", 415, "no_image"),
        "cut": (buffer.getvalue()[:900], 422, "damaged"),
        "empty": (b"", 422, "empty"),
        "bomb": (png(Image.new("1", (10_000, 10_000))), 422, "too_many_pixels"),
        "tiny": (png(Image.new("L", (20, 20))), 422, "too_small"),
        "big": (BIG, 413, "too_many_bytes"),
        "huge": (BIG + bytes(1_000_000), 413, "too_many_bytes"),
    }


@pytest.mark.parametrize("kind", bad_uploads())
def test_bad_uploads(client: FlaskClient, kind: str) -> None:
    data, status, code = bad_uploads()[kind]
    response = send(client, data, f"{kind}.jpg")
    answer = response.get_json()
    assert (response.status_code, answer["code"]) == (status, code)
    if kind != "huge":  # whose form is not even read
        assert answer["name"] == f"{kind}.jpg"
        assert answer["detail"].startswith(f"{kind}.jpg: ")
    indonesian = send(client, data, f"{kind}.jpg", language="id").get_json()
    assert indonesian["code"] == code
    assert indonesian["detail"] != answer["detail"]


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"content_type": "image/png"},
        {"data": {"file": "text, not a file"}, "content_type": "multipart/form-data"},
        {"data": {"other": (io.BytesIO(b"x"), "a.jpg")}},
        {"data": {"file": [(io.BytesIO(b""), ""), (io.BytesIO(b""), "")]}},
        {"data": b"no form at all", "content_type": "multipart/form-data"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
    ],
)
def test_no_file(client: FlaskClient, request_: dict[str, Any]) -> None:
    response = client.post(API, **request_)
    assert problem(response) == (400, "no_file", sentence("en", "error.no_file"))


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ani\\scan.jpg", "scan.jpg"),
        ("<script>alert(1)<img src=x>", "<script>alert(1)<img src=x>"),
        ("{limit}.jpg", "{limit}.jpg"),
        ("a\u202egpj.exe", "a\ufffdgpj.exe"),
        ("/", "Your upload"),
        ("x" * 5000 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_names_are_not_trusted(client: FlaskClient, name: str, shown_as: str, glioma: Path) -> None:
    for data in (b"a letter", glioma.read_bytes()):
        response = send(client, data, name)
        assert response.get_json()["name"] == shown_as
        assert response.mimetype == (
            "application/problem+json" if data == b"a letter" else "application/json"
        )


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "application/json", "text/plain", "", "image", "application/zip"],
)
def test_what_is_no_picture_by_its_type(client: FlaskClient, kind: str) -> None:
    for language in ("en", "id"):
        response = client.post(f"{API}?lang={language}", data=b"file=a.jpg", content_type=kind)
        assert problem(response) == (415, "media_type", sentence(language, "error.media_type"))


def test_a_body_where_none_is_expected(client: FlaskClient) -> None:
    for path in ("/api/v1/health", "/", "/static/otak.svg"):
        response = client.get(path, data=bytes(FEW + 1))
        assert problem(response)[:2] == (413, "too_many_bytes")


def test_the_language_of_errors(client: FlaskClient) -> None:
    for accepted, language in (
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("de,en;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
    ):
        answer = client.post(API, headers={"Accept-Language": accepted}).get_json()
        assert answer["detail"] == sentence(language, "error.no_file"), accepted
    for asked, language in (("id", "id"), ("en", "en"), ("../../etc", "en")):
        response = client.post(f"{API}?lang={asked}")
        assert response.get_json()["detail"] == sentence(language, "error.no_file")
        assert "Set-Cookie" not in response.headers


def test_addresses_that_do_not_exist(client: FlaskClient) -> None:
    for path in ("/api/v1/absent", "/api", "/api/"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    answer = client.get(API)
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    for path in ("/absent", "/form", "/static/../server.py"):
        assert problem(client.get(path)) == (404, "not_found", sentence("en", "error.not_found"))
        page = client.get(f"{path}?lang=id", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.mimetype) == (404, "text/plain")
        assert page.text == sentence("id", "error.not_found") + "\n"
    assert client.put("/").status_code == 405


def test_without_the_page_it_says_how_to_get_it(
    client: FlaskClient, glioma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PAGE", tmp_path)
    page = client.get("/")
    assert (page.status_code, page.mimetype) == (503, "text/plain")
    assert "pip install" in page.text
    assert answer_to(client, glioma.read_bytes())["label"] == "glioma"


class Failing(Classifier):
    def __init__(self, classifier: Classifier, error: Exception) -> None:
        super().__init__(classifier.bundle, classifier.file, classifier.runtime)
        self.error = error

    def predict(self, *_: object, **__: object) -> NoReturn:
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("secret path"), BundleError("secret path"), MemoryError()])
def test_a_fault_of_its_own(classifier: Classifier, error: Exception, glioma: Path) -> None:
    response = send(create_app(Failing(classifier, error)).test_client(), glioma.read_bytes())
    assert response.status_code == 500
    assert response.get_json()["detail"] == sentence("en", "error.internal")
    assert "secret" not in response.text and "Traceback" not in response.text


@pytest.mark.parametrize(("code", "status"), [("busy", 503), ("too_long", 422), ("too_much_memory", 422)])
def test_a_picture_that_is_not_read_now(classifier: Classifier, code: str, status: int) -> None:
    failing = create_app(Failing(classifier, ImageTooLarge(code, name="a.jpg"))).test_client()
    for language in ("en", "id"):
        response = send(failing, b"a letter", language=language)
        assert (response.status_code, response.get_json()["code"]) == (status, code)
        expected = sentence(language, f"error.{code}", name="a.jpg")
        assert response.get_json()["detail"] == expected


def test_headers(client: FlaskClient, glioma: Path) -> None:
    responses = [
        client.get("/absent"),
        send(client, glioma.read_bytes()),
        send(client, b"a letter"),
        client.get("/api/v1/health"),
    ]
    for response in responses:
        assert response.headers["Cache-Control"] == "no-store"
    responses.append(client.get("/static/otak.svg"))
    for response in responses:
        response.close()
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


def test_what_is_said_about_the_model(client: FlaskClient, classifier: Classifier, tmp_path: Path) -> None:
    assert client.get("/about.json").status_code == 404
    folder = shutil.copytree(classifier.bundle.folder, tmp_path / "bundle")
    before = client.get("/offline.js").data
    (folder / "about.json").write_text("{}")
    other = create_app(Classifier.load(folder)).test_client()
    response = other.get("/about.json")
    assert (response.data, response.mimetype) == (b"{}", "application/json")
    if delivery.is_built():
        assert other.get("/offline.js").data != before, "phones that have the page notice"
