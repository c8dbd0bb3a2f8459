from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_app.bundles import signature
from edge_app.bundles.errors import InstallError


def pem(public: object) -> bytes:
    form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(*form)  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "bundle"
    found.mkdir()
    (found / "a.tflite").write_bytes(b"a")
    (found / "bundle.json").write_bytes(b"{}")
    return found


def test_signed_by_the_key_that_is_installed(folder: Path, tmp_path: Path) -> None:
    private, key = Ed25519PrivateKey.generate(), tmp_path / "key.pem"
    key.write_bytes(pem(private.public_key()))
    with pytest.raises(InstallError, match="not signed"):
        signature.check(folder, key)
    (folder / signature.NAME).write_bytes(private.sign(signature.message(folder)))
    signature.check(folder, key)

    (folder / "a.tflite").write_bytes(b"b")
    with pytest.raises(InstallError, match="was changed"):
        signature.check(folder, key)
    (folder / "a.tflite").rename(folder / "b.tflite")
    with pytest.raises(InstallError, match="was changed"):
        signature.check(folder, key)
    for nonsense in (b"", b"x" * 64, b"x" * 1000):
        (folder / signature.NAME).write_bytes(nonsense)
        with pytest.raises(InstallError, match="was changed"):
            signature.check(folder, key)


def test_keys_that_are_none(folder: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    with pytest.raises(InstallError, match="no ed25519 public key"):
        signature.check(folder, key)
    for data in (b"", b"nonsense", pem(generate_private_key(SECP256R1()).public_key())):
        key.write_bytes(data)
        with pytest.raises(InstallError, match="no ed25519 public key"):
            signature.check(folder, key)
