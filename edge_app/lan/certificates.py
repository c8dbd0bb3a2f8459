"""The certificate authority that is made on this device, and the certificate that it signs for it.

A phone gives camera, installation and working offline to HTTPS alone. Whoever trusts this authority trusts it
for ``.local`` names and private addresses alone: should its key be stolen, it vouches for nothing on the
internet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_app import RELEASED
from edge_app.lan.addresses import NETWORKS, Address, Names
from edge_app.lan.state import State, StateError

AUTHORITY = "authority.pem"
LEAF = "server.pem"
AUTHORITY_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=396)  # phones refuse more than 398
RENEWED_BEFORE = timedelta(days=60)
LOOPBACK = (ip_address("127.0.0.1"), ip_address("::1"))
SIGNATURE = hashes.SHA256()


@dataclass(frozen=True)
class Signer:
    """A certificate and its private key.

    Attributes:
        key: On the curve P-256, which every phone knows.
        certificate: Of this key.
    """

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """The certificate's SHA-256 as phones show it, pairs of hexadecimal digits."""
        return self.certificate.fingerprint(SIGNATURE).hex(":").upper()

    @property
    def pem(self) -> bytes:
        """Key and certificate in one file, so that no crash leaves one without the other."""
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key = self.key.private_bytes(serialization.Encoding.PEM, *form)
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)


def authority(state: State, host: str) -> tuple[Signer, bool]:
    """Returns this device's authority, and whether it was made just now, which only a first start does.

    Args:
        state: Where it is kept.
        host: A name for people to tell it from another device's.

    Raises:
        StateError: It is damaged, exposed, ended, or gone from a folder that had one. Phones that trust it
            would refuse another one, and nobody would know why.
    """
    with state.alone():
        data = state.read(AUTHORITY)
        if data is None:
            if state.seen.exists() or state.read(LEAF) is not None:
                raise StateError("no_authority", path=state.folder / AUTHORITY)
            found = _new_authority(state.now(), host)
            state.write(AUTHORITY, found.pem)
            return found, True
    loaded = _load(data)
    if loaded is None or not _is_authority(loaded):
        raise StateError("damaged", path=state.folder / AUTHORITY)
    _refuse_ended(state, loaded)
    return loaded, False


def server_certificate(state: State, signer: Signer, names: Names) -> Path:
    """Returns a PEM file of key and certificate that is good now and for these names, made where it must be.

    Raises:
        StateError: One is needed and can't be written, or the authority has ended.
    """
    _refuse_ended(state, signer)
    with state.alone():
        data = state.read(LEAF)
        found = _load(data) if data is not None else None
        if found is None or not _is_good(found.certificate, signer.certificate, names, state.now()):
            state.write(LEAF, _new_leaf(state.now(), signer, names).pem)
    return state.folder / LEAF


def _refuse_ended(state: State, signer: Signer) -> None:
    if signer.certificate.not_valid_after_utc <= state.now():
        raise StateError("ended", path=state.folder / AUTHORITY)


def _load(data: bytes) -> Signer | None:
    try:
        key = serialization.load_pem_private_key(data, None)
        certificate = x509.load_pem_x509_certificate(data)
    except (ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return Signer(key, certificate)


def _is_authority(signer: Signer) -> bool:
    try:
        basic = signer.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        signer.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return basic.value.ca


def _is_good(leaf: x509.Certificate, issuer: x509.Certificate, names: Names, now: datetime) -> bool:
    """Tells whether a certificate need not be renewed yet. A clock once ahead may have made it too new."""
    try:
        leaf.verify_directly_issued_by(issuer)
        wanted = set(_alternative_names(names))
        own = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    end = leaf.not_valid_after_utc
    # Near the end of its authority a new one would end as early.
    lasts = now < end - RENEWED_BEFORE or end == issuer.not_valid_after_utc
    return leaf.not_valid_before_utc <= now and lasts and wanted <= set(own)


def _new_authority(now: datetime, host: str) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Otak"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Otak, {host}"[:64]),
        ]
    )
    usage = _key_usage(key_cert_sign=True, crl_sign=True)
    permitted = [x509.DNSName("local"), *(x509.IPAddress(network) for network in NETWORKS)]
    # From the release on: a clock that was ahead at the first start leaves it good all the same.
    builder = _builder(key, name, name, RELEASED, now + AUTHORITY_LIFE)
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, SIGNATURE)
    )
    return Signer(key, certificate)


def _new_leaf(now: datetime, signer: Signer, names: Names) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = signer.certificate
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.names[0][:64])])
    # Both ends count.
    end = min(now + LEAF_LIFE - timedelta(seconds=1), issuer.not_valid_after_utc)
    above = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _builder(key, name, issuer.subject, now, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .sign(signer.key, SIGNATURE)
    )
    return Signer(key, certificate)


def _alternative_names(names: Names) -> list[x509.GeneralName]:
    addresses: tuple[Address, ...] = (*names.addresses, *LOOPBACK)
    return [*map(x509.DNSName, names.names), *map(x509.IPAddress, addresses)]


def _builder(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(
    digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
