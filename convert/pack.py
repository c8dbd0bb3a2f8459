"""Puts what travels of a bundle into one ZIP file, for ``otak bundle install``."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from convert.errors import ConversionError
from convert.ship import ship
from edge_app.bundle import Bundle
from edge_app.bundles import signature


def pack(folder: Path, out: Path, key: Path | None = None) -> Bundle:
    """Packs what ``ship`` would copy.

    Args:
        folder: Of a whole bundle.
        out: The ZIP file; made here.
        key: A private key, ed25519 in PEM, that signs it; unsigned where not given.

    Raises:
        BundleError: As of ``ship``.
        ConversionError: As of ``ship``, the key can't be used, or the ZIP file can't be written.
        RecordError: As of ``ship``.
    """
    private = None if key is None else _load(key)
    with TemporaryDirectory() as place:
        bundle = ship(folder, Path(place))
        if private is not None:
            signed = private.sign(signature.message(Path(place)))
            (Path(place) / signature.NAME).write_bytes(signed)
        try:
            with zipfile.ZipFile(out, "x", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(Path(place).iterdir()):
                    archive.write(path, path.name)
        except OSError as error:
            raise ConversionError(f"{out}: can't be written ({error.strerror}).") from None
    return bundle


def _load(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConversionError(
            f"{path}: is no ed25519 private key without a passphrase, such as openssl genpkey makes."
        )
    return key
