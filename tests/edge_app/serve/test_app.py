from __future__ import annotations

import base64
import io
import json
import platform
import shutil
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn

import jsonschema
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from edge_app import BundleError, Classifier, delivery
from edge_app.answer import document, study_document
from edge_app.bundle import Thresholds
from edge_app.errors import ImageTooLarge
from edge_app.languages import sentence
from edge_app.serve.app import create_app
from tests.dicoms import dicom
from tests.forms import form, form_of
from tests.phantoms import LABELS, phantom, png

API = "/api/v1/predict"
BIG = bytes(20_000_001)


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


@pytest.fixture
def client(classifier: Classifier) -> FlaskClient:
    return create_app(classifier).test_client()


def send(
    client: FlaskClient, data: bytes, name: str = "a.jpg", to: str = API, language: str = "en"
) -> TestResponse:
    body, kind = form(data, name)
    return client.post(to, data=body, content_type=kind, headers={"Accept-Language": language})


def answer_to(client: FlaskClient, data: bytes, name: str = "a.jpg", to: str = API) -> dict[str, Any]:
    response = send(client, data, name, to)
    assert response.status_code == 200
    answer: dict[str, Any] = response.get_json()
    jsonschema.validate(answer, json.loads(document()))
    return answer


def with_thresholds(classifier: Classifier, thresholds: Thresholds | None) -> FlaskClient:
    bundle = replace(classifier.bundle, thresholds=thresholds)
    return create_app(Classifier(bundle, classifier.file, classifier.runtime)).test_client()


# Answers


def test_predict(client: FlaskClient, classifier: Classifier, glioma: Path) -> None:
    answer = answer_to(client, glioma.read_bytes(), "glioma.jpg")
    prediction = classifier.predict(glioma)
    assert (answer["name"], answer["verdict"], answer["label"]) == ("glioma.jpg", "answer", "glioma")
    assert answer["probabilities"] == prediction.probabilities
    assert set(answer["probabilities"]) == set(LABELS)
    assert answer["in_distribution"] == prediction.in_distribution
    assert answer["reasons"] == []
    assert answer["model"] == {
        "name": "toy",
        "version": "1",
        "file": "toy-int8.tflite",
        "sha256": classifier.file.sha256,
        "precision": "int8",
        "temperature": 1.0,
    }
    assert (answer["runtime"], answer["machine"]) == (classifier.runtime.name, platform.machine())
    assert answer["thresholds"] == {"unsure": 0.5, "no_tumour": 0.5, "refused": 0.2}
    assert answer["quality"] == asdict(prediction.quality)
    assert set(answer["milliseconds"]) == {"decode", "preprocess", "infer"}
    assert "picture" not in answer


def test_the_small_map_and_its_box(client: FlaskClient, classifier: Classifier) -> None:
    picture = Image.new("L", (400, 300))
    picture.paste(phantom("glioma", 1), (30, 20))
    heatmap = answer_to(client, png(picture))["heatmap"]
    prediction = classifier.predict(picture)
    assert prediction.map is not None
    assert (heatmap["box"], heatmap["size"]) == (list(prediction.box), [400, 300])
    values = np.frombuffer(base64.b64decode(heatmap["values"]), np.uint8)
    found = values.reshape(heatmap["rows"], heatmap["columns"]) / 255
    assert np.abs(found - prediction.map).max() <= 0.5 / 255 + 1e-6


def test_a_model_without_a_map(classifier: Classifier, glioma: Path) -> None:
    outputs = replace(classifier.bundle.outputs, heatmap=None, in_distribution=None)
    bundle = replace(classifier.bundle, outputs=outputs)
    client = create_app(Classifier(bundle, classifier.file, classifier.runtime)).test_client()
    answer = answer_to(client, glioma.read_bytes())
    assert (answer["heatmap"], answer["in_distribution"]) == (None, None)


def test_verdicts(classifier: Classifier, glioma: Path) -> None:
    for thresholds, verdict, label, reasons in (
        (Thresholds(unsure=1.0, no_tumour=1.0, refused=0.1), "unsure", "glioma", ["low_confidence"]),
        (Thresholds(unsure=0.1, no_tumour=0.1, refused=1.0), "refused", None, ["no_brain_mri"]),
        (None, "unsure", "glioma", ["uncalibrated"]),
    ):
        answer = answer_to(with_thresholds(classifier, thresholds), glioma.read_bytes())
        assert (answer["verdict"], answer["label"], answer["reasons"]) == (verdict, label, reasons)
        assert answer["thresholds"] == (None if thresholds is None else asdict(thresholds))
        assert sum(answer["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("size", "sent"), [((900, 900), (900, 900)), ((2048, 1024), (1024, 512)), ((32, 6000), (5, 1024))]
)
def test_the_decoded_picture_where_it_is_asked_for(
    client: FlaskClient, size: tuple[int, int], sent: tuple[int, int]
) -> None:
    source = phantom("glioma", 1).resize(size)
    answer = answer_to(client, png(source), to=f"{API}?include=picture")
    picture = Image.open(io.BytesIO(base64.b64decode(answer["picture"])))
    assert (picture.format, picture.size) == ("JPEG", sent)
    levels = (np.asarray(each.convert("L").resize(sent)).astype(int) for each in (picture, source))
    assert np.abs(np.subtract(*levels)).mean() < 8
    assert "picture" not in answer_to(client, png(source), to=f"{API}?include=other")


def send_study(client: FlaskClient, *files: tuple[bytes, str], language: str = "en") -> TestResponse:
    body, kind = form_of(*files)
    return client.post(f"/api/v1/study?lang={language}", data=body, content_type=kind)


def test_a_study_of_files_and_zip_files(study_bundle: Path) -> None:
    client = create_app(Classifier.load(study_bundle)).test_client()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for seed in range(4):
            archive.writestr(f"Sukarno/{seed}.png", png(phantom("no_tumor", seed)))
    slices = [png(phantom("glioma", seed)) for seed in range(2)]
    response = send_study(
        client, (slices[0], "a.png"), (buffer.getvalue(), "study.zip"), (slices[1], "b.png"), (b"x", "c.txt")
    )
    assert response.status_code == 200
    study = response.get_json()
    jsonschema.validate(study, json.loads(study_document()))
    assert study["suspicious"] is True and study["counts"]["suspicious"] == 2
    names = [each["name"] for each in study["slices"]]
    assert sorted(names[:2]) == ["a.png", "b.png"] and names[-1] == "c.txt"
    assert sorted(names[2:6]) == [f"study.zip/{seed}.png" for seed in range(4)]
    first, last = study["slices"][0], study["slices"][-1]
    assert (first["verdict"], first["label"], first["error"]) == ("answer", "glioma", None)
    assert first["tumour"] == 1 - first["probabilities"]["no_tumor"]
    assert (last["verdict"], last["error"]["code"]) == (None, "no_image")


def test_a_study_of_frames(study_bundle: Path) -> None:
    client = create_app(Classifier.load(study_bundle)).test_client()
    pixels = np.stack([np.asarray(phantom(label, 1)) for label in ("no_tumor", "glioma", "no_tumor")])
    study = send_study(client, (dicom(pixels), "many.dcm")).get_json()
    assert (study["slices"][0]["name"], study["slices"][0]["frame"]) == ("many.dcm", 1)
    assert study["counts"]["slices"] == 3 and study["suspicious"] is True


def test_a_study_without_calibration(client: FlaskClient, glioma: Path) -> None:
    study = send_study(client, (glioma.read_bytes(), "a.jpg")).get_json()
    assert (study["suspicious"], study["score"], study["rule"]) == (None, None, None)
    assert study["counts"]["suspicious"] is None
    assert study["slices"][0]["label"] == "glioma", "the slices are answered all the same"


def test_bad_studies(client: FlaskClient) -> None:
    response = client.post("/api/v1/study")
    assert (response.status_code, response.get_json()["error"]["code"]) == (400, "no_file")
    assert send_study(client, (BIG, "a.png"), (BIG, "b.png")).status_code == 413
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i in range(10_000):
            archive.writestr(f"{i}.png", b"x")
    response = send_study(client, (buffer.getvalue(), "s.zip"), language="id")
    assert response.status_code == 422
    assert response.get_json() == {
        "error": {"code": "too_many_slices", "message": sentence("id", "error.too_many_slices", limit=2000)}
    }
    study = send_study(client, (b"PK\x03\x04 and then nothing", "../../s.zip"), language="id").get_json()
    assert study["suspicious"] is None
    assert study["slices"][0]["error"] == {
        "code": "zip",
        "message": sentence("id", "error.zip", name="s.zip"),
    }


def test_health(client: FlaskClient, classifier: Classifier) -> None:
    health = client.get("/api/v1/health").get_json()
    assert health == {
        "status": "ok",
        "model": {
            "name": "toy",
            "version": "1",
            "file": "toy-int8.tflite",
            "sha256": classifier.file.sha256,
            "precision": "int8",
            "temperature": 1.0,
        },
        "runtime": classifier.runtime.name,
        "machine": platform.machine(),
    }


# Bad input


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
    assert (response.status_code, answer["error"]["code"]) == (status, code)
    if kind != "huge":  # whose form is not even read
        assert answer["name"] == f"{kind}.jpg"
        assert answer["error"]["message"].startswith(f"{kind}.jpg: ")
    indonesian = send(client, data, f"{kind}.jpg", language="id").get_json()
    assert indonesian["error"]["code"] == code
    assert indonesian["error"]["message"] != answer["error"]["message"]


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"data": {"file": "text, not a file"}},
        {"data": {"other": (io.BytesIO(b"x"), "a.jpg")}},
        {"data": {"file": [(io.BytesIO(b""), ""), (io.BytesIO(b""), "")]}},
        {"data": b"no form at all", "content_type": "multipart/form-data"},
        {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
        {"json": {"file": "a.jpg"}},
    ],
)
def test_no_file(client: FlaskClient, request_: dict[str, Any]) -> None:
    response = client.post(API, **request_)
    assert response.status_code == 400
    assert response.get_json() == {"error": {"code": "no_file", "message": sentence("en", "error.no_file")}}


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
        assert response.mimetype == "application/json"


def test_the_language_of_errors(client: FlaskClient) -> None:
    for accepted, language in (
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("de,en;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
    ):
        answer = client.post(API, headers={"Accept-Language": accepted}).get_json()
        assert answer["error"]["message"] == sentence(language, "error.no_file"), accepted
    for asked, language in (("id", "id"), ("en", "en"), ("../../etc", "en")):
        response = client.post(f"{API}?lang={asked}")
        assert response.get_json()["error"]["message"] == sentence(language, "error.no_file")
        assert "Set-Cookie" not in response.headers


def test_addresses_that_do_not_exist(client: FlaskClient) -> None:
    for path in ("/api/v1/absent", "/api", "/api/"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")
    answer = client.get(API)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    for path in ("/absent", "/form", "/static/../server.py"):
        page = client.get(f"{path}?lang=id")
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
    assert response.get_json()["error"]["message"] == sentence("en", "error.internal")
    assert "secret" not in response.text and "Traceback" not in response.text


@pytest.mark.parametrize(("code", "status"), [("busy", 503), ("too_long", 422), ("too_much_memory", 422)])
def test_a_picture_that_is_not_read_now(classifier: Classifier, code: str, status: int) -> None:
    failing = create_app(Failing(classifier, ImageTooLarge(code, name="a.jpg"))).test_client()
    for language in ("en", "id"):
        response = send(failing, b"a letter", language=language)
        assert (response.status_code, response.get_json()["error"]["code"]) == (status, code)
        expected = sentence(language, f"error.{code}", name="a.jpg")
        assert response.get_json()["error"]["message"] == expected


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
