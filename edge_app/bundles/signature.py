"""The signature of a bundle: ed25519, over the names and hashes of all its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edge_app.bundles.errors import InstallError

NAME = "bundle.sig"
KEY = "bundle-key.pem"  # beside the installed bundles


def message(folder: Path) -> bytes:
    """Returns what is signed: a line of SHA-256 and name for each file but the signature, by name."""
    names = sorted(path.name for path in folder.iterdir() if path.name != NAME)
    lines = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    return b"otak bundle\n" + "".join(lines).encode()


def check(folder: Path, key: Path) -> None:
    """Checks a bundle by a public key.

    Args:
        folder: Of the bundle, with nothing else in it.
        key: A PEM file.

    Raises:
        InstallError: There is no signature, or it is another's; or the key can't be used.
    """
    try:
        public = load_pem_public_key(key.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise InstallError("bad_key", path=key) from None
    if not isinstance(public, Ed25519PublicKey):
        raise InstallError("bad_key", path=key)
    if not (folder / NAME).is_file():
        raise InstallError("unsigned", path=key)
    try:
        public.verify((folder / NAME).read_bytes(), message(folder))
    except InvalidSignature:
        raise InstallError("wrong_signature", path=key) from None
