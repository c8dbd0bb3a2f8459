from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_app.bundles import expected, signature, store
from edge_app.bundles.errors import InstallError
from edge_app.bundles.place import current, installed
from edge_app.classifier import SHIPPED, Classifier
from edge_app.errors import BundleError
from tests.edge_app.bundles.packing import files_of, pack
from tests.edge_app.bundles.test_signature import pem


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return tmp_path / "state" / "bundles"


@pytest.fixture
def zipped(toy_bundle: Path, tmp_path: Path) -> Path:
    return pack(tmp_path / "toy.zip", files_of(toy_bundle))


def test_install_and_back(zipped: Path, place: Path) -> None:
    assert current() == SHIPPED
    assert [each.is_current for each in installed()] == [True]
    old = os.umask(0o077)
    try:
        bundle = store.install(zipped)
    finally:
        os.umask(old)
    assert bundle.folder == current() == place / "0001" and bundle.name == "toy"
    assert stat.S_IMODE((place / "0001" / "bundle.json").stat().st_mode) == 0o644
    assert stat.S_IMODE((place / "0001").stat().st_mode) == 0o755
    store.install(zipped)
    assert [each.folder.name for each in installed() if each.is_current] == ["0002"]
    assert store.rollback().folder.name == "0001"
    assert store.rollback().folder == SHIPPED == current()
    with pytest.raises(InstallError, match="ships with Otak answers already"):
        store.rollback()


def test_old_ones_go(zipped: Path, place: Path) -> None:
    for _ in range(5):
        store.install(zipped)
    assert sorted(each.folder.name for each in installed()[1:]) == ["0003", "0004", "0005"]
    store.rollback()
    store.install(zipped)
    assert [each.folder.name for each in installed()[1:]] == ["0003", "0004", "0006"]
    assert current().name == "0006"
    assert store.rollback().folder.name == "0004"


def test_a_bad_one_changes_nothing(zipped: Path, place: Path, toy_bundle: Path) -> None:
    store.install(zipped)
    files = files_of(toy_bundle)
    plain = json.loads(files["bundle.json"])
    plain["input"]["size"] = 64
    pack(zipped, {**files, "bundle.json": json.dumps(plain).encode()})
    with pytest.raises(BundleError, match="doesn't fit"):
        store.install(zipped)
    zipped.write_bytes(b"nonsense")
    with pytest.raises(InstallError):
        store.install(zipped)
    assert current().name == "0001" and len(installed()) == 2
    assert {path.name for path in place.iterdir()} == {"0001", "current"}


def test_one_that_answers_otherwise_here(zipped: Path, toy_bundle: Path) -> None:
    said = {"schema": expected.SCHEMA} | asdict(expected.ask(Classifier.load(toy_bundle)))
    pack(zipped, {**files_of(toy_bundle), "expected.json": json.dumps(said).encode()})
    store.install(zipped)
    said["phantoms"][0]["in_distribution"] = 0.1
    pack(zipped, {**files_of(toy_bundle), "expected.json": json.dumps(said).encode()})
    with pytest.raises(InstallError, match="answers otherwise here"):
        store.install(zipped)
    pack(zipped, {**files_of(toy_bundle), "expected.json": b"{}"})
    with pytest.raises(BundleError, match=r"expected\.json"):
        store.install(zipped)
    assert current().name == "0001"


def test_a_device_with_a_key_takes_signed_ones_alone(zipped: Path, place: Path, toy_bundle: Path) -> None:
    private = Ed25519PrivateKey.generate()
    place.mkdir(parents=True)
    (place / signature.KEY).write_bytes(pem(private.public_key()))
    with pytest.raises(InstallError, match="not signed"):
        store.install(zipped)
    files, folder = files_of(toy_bundle), place.parent / "signing"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    signed = private.sign(signature.message(folder))
    store.install(pack(zipped, {**files, signature.NAME: signed}))
    assert current().name == "0001"
    with pytest.raises(InstallError, match="was changed"):
        store.install(pack(zipped, {**files, "card.md": b"another", signature.NAME: signed}))
    assert current().name == "0001"


@pytest.mark.parametrize("after", ["unpack", "_try_out", "_open_to_all", "_link"])
def test_a_power_cut(after: str, zipped: Path, place: Path) -> None:
    store.install(zipped)
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from edge_app.bundles import store\n"
        f"done = store.{after}\n"
        f"store.{after} = lambda *arguments: (done(*arguments), os.kill(os.getpid(), signal.SIGKILL))\n"
        f"store.install(Path({str(zipped)!r}))\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert current().name == ("0002" if after == "_link" else "0001")
    Classifier.load(current())
    assert store.install(zipped).folder == current()
    assert not (place / store.UNFINISHED).exists()


def test_a_state_folder_that_is_none(zipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "file"))
    assert current() == SHIPPED
    with pytest.raises(InstallError, match="can't be written"):
        store.install(zipped)
    with pytest.raises(InstallError, match="can't be written"):
        store.rollback()
    assert [each.folder for each in installed()] == [SHIPPED]
