from __future__ import annotations

import base64
import io
import json
import platform
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from edge_app import Classifier, records
from edge_app.answer import document, study_document
from edge_app.bundle import Thresholds
from edge_app.languages import sentence
from edge_app.serve.app import create_app
from edge_app.serve.self_description import Health, ModelCard
from edge_app.workers import Workers
from tests.dicoms import dicom
from tests.edge_app.serve.asking import API, BIG, answer_to, problem, send, send_study, with_thresholds
from tests.forms import form_of
from tests.phantoms import LABELS, phantom, png


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


def test_the_frame_that_is_asked_for(client: FlaskClient) -> None:
    levels = np.stack([np.asarray(phantom(label, 3)) for label in ("glioma", "no_tumor", "meningioma")])
    answers = [answer_to(client, dicom(levels), to=f"{API}{query}") for query in ("?frame=2", "?frame=x", "")]
    assert [(answer["frame"], answer["frames"]) for answer in answers] == [(2, 3), (1, 3), (1, 3)]
    assert answers[0]["label"] == "meningioma"
    assert send(client, dicom(levels), to=f"{API}?frame=3").get_json()["code"] == "dicom"


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
    assert (response.status_code, response.get_json()["code"]) == (400, "no_file")
    assert send_study(client, (BIG, "a.png"), (BIG, "b.png")).status_code == 413
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for i in range(10_000):
            archive.writestr(f"{i}.png", b"x")
    response = send_study(client, (buffer.getvalue(), "s.zip"), language="id")
    assert response.status_code == 422
    assert problem(response) == (422, "too_many_slices", sentence("id", "error.too_many_slices", limit=2000))
    study = send_study(client, (b"PK\x03\x04 and then nothing", "../../s.zip"), language="id").get_json()
    assert study["suspicious"] is None
    assert study["slices"][0]["error"] == {
        "code": "zip",
        "message": sentence("id", "error.zip", name="s.zip"),
    }


def test_health(client: FlaskClient, classifier: Classifier, glioma: Path) -> None:
    health = client.get("/api/v1/health").get_json()
    jsonschema.validate(health, records.json_schema(Health))
    assert (health["status"], health["live"], health["ready"]) == ("ok", True, True)
    assert health["queue"] == {"workers": 1, "reading": 0, "most": 1}
    assert 0 < health["disk"]["free"] < health["disk"]["whole"]
    answer = answer_to(client, glioma.read_bytes())
    assert [health[name] for name in ("model", "runtime", "machine")] == [
        answer[name] for name in ("model", "runtime", "machine")
    ]


def test_a_server_that_takes_no_more(toy_bundle: Path) -> None:
    with Workers(1) as workers:
        client = create_app(Classifier.load(toy_bundle, reader=workers)).test_client()
        idle = client.get("/api/v1/health").get_json()
        assert idle["queue"] == {"workers": 1, "reading": 0, "most": workers.places}
        workers.places = 0
        health = client.get("/api/v1/health").get_json()
        assert (health["status"], health["live"], health["ready"]) == ("busy", True, False)
        response = send(client, png(phantom("glioma", 1)))
        assert problem(response) == (503, "busy", sentence("en", "error.busy"))
        assert int(response.headers["Retry-After"]) > 0


def test_the_model(client: FlaskClient, classifier: Classifier) -> None:
    card = client.get("/api/v1/model").get_json()
    jsonschema.validate(card, records.json_schema(ModelCard))
    assert card["model"]["sha256"] == classifier.file.sha256
    assert card["files"] == [asdict(file) for file in classifier.bundle.files]
    assert card["thresholds"] == {"unsure": 0.5, "no_tumour": 0.5, "refused": 0.2}
    assert [label["name"] for label in card["labels"]] == list(LABELS)
    assert card["card"] is None
    shipped = create_app(Classifier.load()).test_client().get("/api/v1/model").get_json()
    assert shipped["card"].startswith("# ")


def test_a_picture_that_is_the_body_itself(client: FlaskClient, classifier: Classifier, glioma: Path) -> None:
    for kind in ("image/jpeg", "application/dicom", "application/octet-stream"):
        response = client.post(f"{API}?name=a/b.jpg", data=glioma.read_bytes(), content_type=kind)
        answer = response.get_json()
        jsonschema.validate(answer, json.loads(document()))
        assert (answer["name"], answer["label"]) == ("b.jpg", "glioma"), kind
    study = client.post("/api/v1/study", data=glioma.read_bytes(), content_type="image/jpeg").get_json()
    assert study["slices"][0]["name"] == sentence("en", "page.upload")


def test_several_pictures(client: FlaskClient, glioma: Path) -> None:
    body, kind = form_of(
        (glioma.read_bytes(), "a.jpg"), (b"a letter", "b.txt"), (glioma.read_bytes(), "c.jpg")
    )
    answers = client.post(f"{API}?include=picture&lang=id", data=body, content_type=kind).get_json()[
        "answers"
    ]
    assert [each["name"] for each in answers] == ["a.jpg", "b.txt", "c.jpg"]
    for each in (answers[0], answers[2]):
        jsonschema.validate(each, json.loads(document()))
        assert each["label"] == "glioma" and each["picture"]
    assert answers[1]["error"] == {
        "code": "no_image",
        "message": sentence("id", "error.no_image", name="b.txt"),
    }
