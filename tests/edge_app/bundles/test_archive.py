from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from edge_app.bundle import Bundle
from edge_app.bundles import archive
from edge_app.bundles.archive import unpack
from edge_app.bundles.errors import InstallError
from edge_app.errors import BundleError
from tests.edge_app.bundles.packing import files_of, pack


@pytest.fixture
def files(toy_bundle: Path) -> dict[str, bytes]:
    return files_of(toy_bundle)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def refused(path: Path, folder: Path) -> str:
    with pytest.raises(InstallError) as caught:
        unpack(path, folder)
    assert not [each for each in folder.parent.iterdir() if each not in (folder, path)], "nothing beside it"
    return caught.value.code


@pytest.mark.parametrize("top", ["", "edge/"])
def test_at_the_top_or_in_a_folder(top: str, files: dict[str, bytes], folder: Path, toy_bundle: Path) -> None:
    bundle = unpack(pack(folder.parent / "a.zip", files, top), folder)
    assert bundle.files == Bundle.load(toy_bundle).files
    assert {path.name for path in folder.iterdir()} == set(files)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../toy.tflite",
            "/toy.tflite",
            "..\\toy.tflite",
            "a/b/toy.tflite",
            "a/../toy.tflite",
            "./toy.tflite",
        ),
        *("run.sh", "otak.pth", ".tflite/x", "toy.tflite\x00.sh"),
    ],
)
def test_paths_that_lead_elsewhere(name: str, files: dict[str, bytes], folder: Path) -> None:
    assert refused(pack(folder.parent / "a.zip", {**files, name: b"x"}), folder) in ("stray", "no_zip")


def test_all_in_a_folder_above(files: dict[str, bytes], folder: Path) -> None:
    assert refused(pack(folder.parent / "a.zip", files, "../"), folder) == "stray"
    assert refused(pack(folder.parent / "a.zip", files, "/"), folder) == "stray"


def test_a_link(files: dict[str, bytes], folder: Path) -> None:
    path = pack(folder.parent / "a.zip", files)
    with zipfile.ZipFile(path, "a") as zipped:
        link = zipfile.ZipInfo("card.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    assert refused(path, folder) == "stray"


def test_a_name_that_stands_twice(files: dict[str, bytes], folder: Path) -> None:
    path = pack(folder.parent / "a.zip", files)
    with zipfile.ZipFile(path, "a") as zipped, pytest.warns(UserWarning, match="Duplicate"):
        zipped.writestr("bundle.json", "{}")
    assert refused(path, folder) == "stray"


def test_a_model_that_the_bundle_does_not_name(files: dict[str, bytes], folder: Path) -> None:
    assert refused(pack(folder.parent / "a.zip", {**files, "other.tflite": b"x"}), folder) == "stray"


def test_bombs(files: dict[str, bytes], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEGABYTES", 1)
    bomb = pack(folder.parent / "a.zip", {"a.tflite": bytes(1_100_000), **files})
    assert bomb.stat().st_size < 1_000_000
    assert refused(bomb, folder) == "too_large"
    # One that lies about its size is cut at that, and its checksum fails.
    data = bomb.read_bytes().replace((1_100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    bomb.write_bytes(data)
    for each in folder.iterdir():
        each.unlink()
    assert refused(bomb, folder) == "no_zip"
    many = {f"{i}.tflite": b"" for i in range(archive.MAX_FILES + 1)}
    assert refused(pack(folder.parent / "a.zip", many), folder) == "too_many"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), os.urandom(1000)])
def test_what_is_no_bundle(data: bytes, folder: Path) -> None:
    path = folder.parent / "a.zip"
    path.write_bytes(data)
    with pytest.raises((InstallError, BundleError)):
        unpack(path, folder)


def test_what_is_not_there(folder: Path) -> None:
    for path in (folder.parent / "none.zip", folder, Path("/dev/zero")):
        with pytest.raises(InstallError, match="can't be read"):
            unpack(path, folder)


def test_one_byte_of_a_model_changed(files: dict[str, bytes], folder: Path) -> None:
    model = bytearray(files["toy-int8.tflite"])
    model[-1] ^= 1
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: is not the file"):
        unpack(pack(folder.parent / "a.zip", {**files, "toy-int8.tflite": bytes(model)}), folder)


def test_an_encrypted_one(files: dict[str, bytes], folder: Path) -> None:
    path = pack(folder.parent / "a.zip", files)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refused(path, folder) == "no_zip"
