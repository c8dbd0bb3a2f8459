from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from convert.__main__ import main
from edge_app.bundles import signature
from edge_app.bundles.archive import unpack
from tests.conftest import ROOT

WHOLE = ROOT / "benchmarks" / "bundles" / "edge"


def test_what_is_packed_installs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private = Ed25519PrivateKey.generate()
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    (tmp_path / "private.pem").write_bytes(private.private_bytes(*form))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    out, key = tmp_path / "edge.zip", tmp_path / "private.pem"
    assert main(["pack", str(WHOLE), "--out", str(out), "--key", str(key)]) == 0
    assert capsys.readouterr().out.endswith("signed.\n")
    folder = tmp_path / "unpacked"
    folder.mkdir()
    bundle = unpack(out, folder)
    signature.check(folder, tmp_path / "public.pem")
    assert [file.path for file in bundle.files] == [bundle.default]
    assert main(["pack", str(WHOLE), "--out", str(out)]) == 2
    assert "edge.zip: can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "data", [None, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_key_that_is_none(data: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "key.pem"
    if data is not None:
        key.write_bytes(data)
    assert main(["pack", str(WHOLE), "--out", str(tmp_path / "edge.zip"), "--key", str(key)]) == 2
    assert "is no ed25519 private key" in capsys.readouterr().err
    assert not (tmp_path / "edge.zip").exists()
