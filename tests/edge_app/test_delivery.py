import gzip
import re
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge_app import Classifier, delivery
from edge_app.bundle import Bundle, sha256
from edge_app.serve.app import create_app
from edge_app.serve.pages import whole_page
from edge_app.single_file import single_file
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def client(toy_bundle: Path) -> FlaskClient:
    return create_app(Classifier.load(toy_bundle)).test_client()


def fetch(client: FlaskClient, path: str, encoding: str = "", **headers: str) -> TestResponse:
    return client.get(path, headers={"Accept-Encoding": encoding} | headers)


def assets(client: FlaskClient) -> list[str]:
    return re.findall(r'"(/assets/[^"]+)"', fetch(client, "/offline.js").text + fetch(client, "/").text)


def test_the_page_in_every_encoding(client: FlaskClient) -> None:
    plain = fetch(client, "/")
    assert plain.mimetype == "text/html"
    assert "Content-Encoding" not in plain.headers
    packed = fetch(client, "/", "gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    best = fetch(client, "/", "gzip, deflate, br")
    assert best.headers["Content-Encoding"] == "br"
    assert len({response.headers["ETag"] for response in (plain, packed, best)}) == 3
    assert {response.headers["Vary"] for response in (plain, packed, best)} == {"Accept-Encoding"}


def test_every_asset_is_kept_for_good(client: FlaskClient) -> None:
    paths = assets(client)
    assert {path.rpartition(".")[2] for path in paths} == {"css", "js", "wasm"}
    for path in paths:
        response = fetch(client, path, "gzip")
        assert response.status_code == 200, path
        assert "immutable" in response.headers["Cache-Control"]
        assert response.mimetype in ("text/css", "text/javascript", "application/wasm")


def test_what_changes_is_asked_for_again(client: FlaskClient) -> None:
    for path in ("/", "/offline.js", "/bundle.json", "/manifest.webmanifest"):
        response = fetch(client, path, "gzip")
        assert response.headers["Cache-Control"] == "no-cache"
        again = fetch(client, path, "gzip", **{"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == response.headers["ETag"]


def test_the_first_load_is_light(client: FlaskClient) -> None:
    paths = ["/", "/bundle.json", *set(assets(client))]
    assert sum(len(fetch(client, path, "gzip").data) for path in paths) < 3_500_000 - 300_000  # for a model


def test_the_model_by_its_hash(client: FlaskClient, toy_bundle: Path) -> None:
    path = toy_bundle / "toy-int8.tflite"
    response = fetch(client, f"/model/{sha256(path)}")
    assert response.data == path.read_bytes()
    assert "immutable" in response.headers["Cache-Control"]
    assert fetch(client, "/bundle.json").data == (toy_bundle / "bundle.json").read_bytes()


@pytest.mark.parametrize(
    "path",
    ["/model/" + "0" * 64, "/model/bundle.json", "/assets/absent.js", "/assets/../../server.py", "/assets/"],
)
def test_nothing_else_is_delivered(client: FlaskClient, path: str) -> None:
    assert fetch(client, path).status_code == 404


def test_another_bundle_is_another_service_worker(client: FlaskClient) -> None:
    other = create_app(Classifier.load()).test_client()
    assert fetch(client, "/offline.js").data != fetch(other, "/offline.js").data


def test_the_page_as_one_file_is_kept_not_shown(client: FlaskClient, toy_bundle: Path) -> None:
    response = fetch(client, "/otak.html")
    assert response.text == single_file(Bundle.load(toy_bundle))
    assert response.mimetype == "text/html"
    assert response.headers["Content-Disposition"] == 'attachment; filename="otak.html"'
    again = fetch(client, "/otak.html", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_as_one_file_is_in_memory_once(client: FlaskClient) -> None:
    with client.application.test_request_context("/otak.html"):
        # What is sent is held until the slowest client has it.
        (first,), (second,) = (whole_page().iter_encoded() for _ in range(2))
    assert first is second


def test_without_a_build_it_says_so(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PAGE", tmp_path)
    assert client.get("/").status_code == 503
    assert client.get("/otak.html").status_code == 503
    assert client.get("/offline.js").status_code == 404


def test_the_licences_of_what_is_bundled_travel_along() -> None:
    text = (delivery.PAGE / "THIRD_PARTY.txt").read_text(encoding="utf-8")
    linked = ("Abseil", "Protocol Buffers", "XNNPACK", "Eigen", "ruy", "gemmlowp", "fft2d")
    for name in ("@litertjs/core", "TensorFlow Lite", *linked):
        assert name in text, name
    for sentence in (
        "Apache License",
        "Redistributions in binary form must reproduce",
        "Permission is hereby granted, free of charge",
        "https://mozilla.org/MPL/2.0/",
        "Takuya OOURA",
    ):
        assert sentence in text, sentence


def test_the_wheel_lists_the_notices_as_licences() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    notices = "edge_app/web/NOTICES.txt"
    assert notices in project["license-files"]
    assert (ROOT / notices).read_text(encoding="utf-8") in (delivery.PAGE / "THIRD_PARTY.txt").read_text(
        encoding="utf-8"
    )
