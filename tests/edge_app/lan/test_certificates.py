"""The authority and its certificate, as OpenSSL and Python's ssl judge them."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_app import RELEASED
from edge_app.lan.addresses import Names
from edge_app.lan.certificates import AUTHORITY, LEAF, Signer, authority, server_certificate
from edge_app.lan.state import State, StateError
from tests.edge_app.lan.clocks import set_clock

NAMES = Names(("klinik.local", "otak.local"), (ip_address("192.168.4.1"), ip_address("fd00::2")))
DAY = timedelta(days=1)


@pytest.fixture
def signer(state: State) -> Signer:
    return authority(state, "klinik.local")[0]


def leaf(state: State, signer: Signer, names: Names = NAMES) -> x509.Certificate:
    return x509.load_pem_x509_certificate(server_certificate(state, signer, names).read_bytes())


def verified(state: State, *options: str) -> bool:
    """Asks OpenSSL, strictly."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to judge certificates")
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", *options]
    files = ["-CAfile", str(state.folder / AUTHORITY), str(state.folder / LEAF)]
    return subprocess.run([*command, *files], capture_output=True, check=False).returncode == 0


def test_openssl_takes_it_for_its_own_names_alone(state: State, signer: Signer) -> None:
    leaf(state, signer)
    for own in (["-verify_hostname", "otak.local"], ["-verify_hostname", "klinik.local"]):
        assert verified(state, *own)
    for address in ("192.168.4.1", "fd00::2", "127.0.0.1", "::1"):
        assert verified(state, "-verify_ip", address)
    assert not verified(state, "-verify_hostname", "other.local")
    assert not verified(state, "-verify_ip", "192.168.4.2")


@pytest.mark.parametrize(
    "stranger",
    [
        Names(("bank.example",), ()),
        Names(("notlocal",), ()),
        Names(("otak.local", "bank.example"), ()),
        Names(("local.example",), ()),
        Names(("otak.local",), (ip_address("203.0.113.5"),)),
        Names(("otak.local",), (ip_address("172.32.0.1"),)),
        Names(("otak.local",), (ip_address("2001:db8::1"),)),
    ],
)
def test_whoever_steals_the_key_can_vouch_for_nothing_on_the_internet(
    state: State, signer: Signer, stranger: Names
) -> None:
    leaf(state, signer, stranger)
    assert not verified(state)


def test_what_phones_ask_of_it(state: State, signer: Signer) -> None:
    found = leaf(state, signer)
    get = found.extensions.get_extension_for_class
    assert get(x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage([x509.OID_SERVER_AUTH])
    assert get(x509.KeyUsage).value.digital_signature
    assert not get(x509.BasicConstraints).value.ca
    above = signer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert get(x509.AuthorityKeyIdentifier).value.key_identifier == above.digest
    limits = signer.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (limits.critical, limits.value.ca, limits.value.path_length) == (True, True, 0)
    assert signer.certificate.extensions.get_extension_for_class(x509.NameConstraints).critical
    for each in (found, signer.certificate):
        assert each.version is x509.Version.v3
        assert each.serial_number.bit_length() > 64
        assert each.signature_hash_algorithm is not None
        assert each.signature_hash_algorithm.name == "sha256"
    # Both ends count.
    assert found.not_valid_after_utc - found.not_valid_before_utc + timedelta(seconds=1) <= 396 * DAY
    assert found.not_valid_before_utc <= datetime.now(UTC)


def test_secrets_are_for_nobody_else(state: State, signer: Signer) -> None:
    leaf(state, signer)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.folder.iterdir()}
    assert modes == {AUTHORITY: 0o600, LEAF: 0o600}


def test_the_same_authority_again(state: State, signer: Signer) -> None:
    again, is_new = authority(State(state.folder), "other name")
    assert (again.fingerprint, is_new) == (signer.fingerprint, False)
    assert len(again.fingerprint.split(":")) == 32


def test_it_is_not_renewed_without_need(state: State, signer: Signer) -> None:
    first = leaf(state, signer)
    assert leaf(state, signer) == first
    # An address that is gone may come back.
    assert leaf(state, signer, replace(NAMES, addresses=NAMES.addresses[:1])) == first


def test_a_new_address_or_name_renews_it(state: State, signer: Signer) -> None:
    first = leaf(state, signer)
    moved = replace(NAMES, addresses=(ip_address("10.1.2.3"),))
    second = leaf(state, signer, moved)
    assert second.serial_number != first.serial_number
    assert second.public_key() != first.public_key()
    assert verified(state, "-verify_ip", "10.1.2.3")
    leaf(state, signer, replace(moved, names=("new.local", "otak.local")))
    assert verified(state, "-verify_hostname", "new.local")


@pytest.mark.parametrize("days", [340, 395, 396, 800, 3000])
def test_one_that_ends_is_renewed(
    state: State, signer: Signer, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    first = leaf(state, signer)
    set_clock(monkeypatch, datetime.now(UTC) + days * DAY)
    second = leaf(state, signer)
    assert second.not_valid_before_utc == state.now()
    assert second.not_valid_after_utc > first.not_valid_after_utc


def test_a_clock_ten_years_back(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, RELEASED - 3650 * DAY)
    signer, _ = authority(state, "klinik")
    assert signer.certificate.not_valid_before_utc == RELEASED
    assert leaf(state, signer).not_valid_before_utc == RELEASED
    set_clock(monkeypatch, RELEASED + 500 * DAY)
    second = leaf(state, signer)
    state.remember()
    set_clock(monkeypatch, RELEASED - 3650 * DAY)
    assert leaf(state, signer) == second
    moved = leaf(state, signer, replace(NAMES, names=("new.local",)))
    assert moved.not_valid_before_utc == RELEASED + 500 * DAY


def test_a_clock_that_was_ahead_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, RELEASED + 3650 * DAY)
    signer, _ = authority(state, "klinik")
    leaf(state, signer)
    state.remember()
    set_clock(monkeypatch, RELEASED + DAY)
    # Until somebody says that it was wrong, as the terminal asks for.
    assert leaf(state, signer).not_valid_before_utc == RELEASED + 3650 * DAY
    state.seen.unlink()
    assert leaf(state, signer).not_valid_before_utc == RELEASED + DAY
    assert signer.certificate.not_valid_before_utc == RELEASED


def test_near_the_end_of_its_authority(state: State, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    end = signer.certificate.not_valid_after_utc
    set_clock(monkeypatch, end - 10 * DAY)
    first = leaf(state, signer)
    assert first.not_valid_after_utc == end
    assert leaf(state, signer) == first
    set_clock(monkeypatch, end)
    with pytest.raises(StateError, match="has ended"):
        authority(state, "klinik")


@pytest.mark.parametrize("damage", ["empty", "half", "letters", "other key", "no authority", "key alone"])
def test_a_damaged_authority_is_never_replaced(
    state: State, signer: Signer, tmp_path: Path, damage: str
) -> None:
    server_certificate(state, signer, NAMES)
    path = state.folder / AUTHORITY
    whole = path.read_bytes()
    other = authority(State(tmp_path / "other"), "klinik")[0]
    end_of_key = whole.index(b"-----BEGIN CERTIFICATE")
    data = {
        "empty": b"",
        "half": whole[: len(whole) // 2],
        "letters": whole.replace(b"M", b"m"),
        "other key": other.pem[: other.pem.index(b"-----BEGIN CERTIFICATE")] + whole[end_of_key:],
        "no authority": (state.folder / LEAF).read_bytes(),
        "key alone": whole[:end_of_key],
    }[damage]
    path.write_bytes(data)
    with pytest.raises(StateError, match=f"{AUTHORITY}.*damaged"):
        authority(state, "klinik")
    assert path.read_bytes() == data


@pytest.mark.parametrize("kept", [LEAF, "last-seen"])
def test_a_lost_authority_is_never_replaced(state: State, signer: Signer, kept: str) -> None:
    server_certificate(state, signer, NAMES)
    state.remember()
    for path in state.folder.iterdir():
        if path.name != kept:
            path.unlink()
    with pytest.raises(StateError, match="missing"):
        authority(state, "klinik")
    assert not (state.folder / AUTHORITY).exists()


def test_an_exposed_authority_is_not_used(state: State, signer: Signer) -> None:
    (state.folder / AUTHORITY).chmod(0o644)
    with pytest.raises(StateError, match="chmod 600"):
        authority(state, "klinik")


@pytest.mark.parametrize(
    "data", [b"", b"letters", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_damaged_certificate_is_made_again(state: State, signer: Signer, data: bytes) -> None:
    state.write(LEAF, data)
    leaf(state, signer)
    assert verified(state)


def test_one_of_another_authority_is_made_again(state: State, signer: Signer, tmp_path: Path) -> None:
    other = State(tmp_path / "other")
    state.write(LEAF, server_certificate(other, authority(other, "klinik")[0], NAMES).read_bytes())
    leaf(state, signer)
    assert verified(state)


def test_a_folder_that_can_only_be_read(
    state: State, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = leaf(state, signer)

    def closed(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(State, "write", closed)
    assert authority(state, "klinik")[0].fingerprint == signer.fingerprint
    assert leaf(state, signer) == first


def _fingerprint(folder: Path) -> tuple[str, bool]:
    state = State(folder)
    signer, is_new = authority(state, "klinik")
    server_certificate(state, signer, NAMES)
    return signer.fingerprint, is_new


def test_two_starts_at_the_same_time_make_one_authority(tmp_path: Path) -> None:
    folder = tmp_path / "otak"
    # The lock is on an opened folder, so that threads wait for each other as processes do.
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(_fingerprint, [folder] * 8))
    assert len({fingerprint for fingerprint, _ in found}) == 1
    assert [is_new for _, is_new in found].count(True) == 1
    assert verified(State(folder))


def handshake(state: State, signer: Signer, name: str) -> dict[str, object]:
    """Returns the certificate that a client accepts, which trusts this authority alone."""
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(state.folder / LEAF)
    pem = signer.certificate.public_bytes(Encoding.PEM).decode()
    trusting = ssl.create_default_context(cadata=pem)
    trusting.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with served.wrap_socket(ours, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:  # the client refused it, and may have left by now
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with trusting.wrap_socket(theirs, server_hostname=name) as wrapped:
            certificate: dict[str, object] = dict(wrapped.getpeercert() or {})
            wrapped.send(b"1")
            return certificate
    finally:
        theirs.close()
        thread.join()


def test_a_client_that_trusts_the_authority(state: State, signer: Signer) -> None:
    leaf(state, signer)
    for name in ("otak.local", "192.168.4.1", "fd00::2"):
        assert handshake(state, signer, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(state, signer, "other.local")


def test_a_client_refuses_what_the_authority_may_not_vouch_for(state: State, signer: Signer) -> None:
    leaf(state, signer, Names(("bank.example",), ()))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(state, signer, "bank.example")
