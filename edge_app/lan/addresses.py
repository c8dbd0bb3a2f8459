"""This device's own name and addresses in the local network."""

from __future__ import annotations

import fcntl
import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

Address = IPv4Address | IPv6Address

# What a certificate of ours may name; none of them is anybody's on the internet.
NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)
LOOPBACK_NAME = "localhost"
OWN_NAME = "otak.local"
LAN_PORT, TRUST_PORT = 8443, 8080
USUAL = {"http": 80, "https": 443}

SIOCGIFADDR = 0x8915
IF_INET6 = Path("/proc/net/if_inet6")


@dataclass(frozen=True)
class Names:
    """What this device is called.

    Attributes:
        names: ``NAME.local`` of its host name first, as mDNS announces it, then ``otak.local``.
        addresses: Its private addresses, without those that no address line takes: loopback's and fe80::/10.
        links: The networks of its IPv6 addresses of the internet, which phones beside it have, too.
    """

    names: tuple[str, ...]
    addresses: tuple[Address, ...]
    links: tuple[IPv6Network, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """All of them as they stand in an address line, those that always work first."""
        return (*(in_url(address) for address in self.addresses), *self.names)

    def is_near(self, client: str) -> bool:
        """Tells whether a client's address is of a network like ours, and not of the internet."""
        try:
            found = ip_address(client.partition("%")[0])
        except ValueError:
            return False
        return is_private(found) or any(found in link for link in self.links)


def own_names() -> Names:
    """Asks the system for this device's name and addresses."""
    label = socket.gethostname().partition(".")[0].lower()
    known = re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label)
    named = (f"{label}.local",) if known and label != LOOPBACK_NAME else ()
    found = (*_ipv4(), *_ipv6())
    links = (IPv6Network((each, 64), strict=False) for each in found if each.version == 6 and each.is_global)
    return Names(
        names=tuple(dict.fromkeys((*named, OWN_NAME))),
        addresses=tuple(filter(_is_shown, dict.fromkeys(found))),
        links=tuple(links),
    )


def is_private(address: Address) -> bool:
    """Tells whether an address is of ``NETWORKS``, which certificates of ours may name."""
    return any(address in network for network in NETWORKS)


def in_url(address: Address) -> str:
    """Returns an address as it stands in a URL."""
    return f"[{address}]" if address.version == 6 else str(address)


def url(scheme: str, host: str, port: int) -> str:
    """Returns the address of a server, as short as it may be.

    Args:
        scheme: ``http`` or ``https``.
        host: As it stands in a URL.
        port: Of the server.
    """
    return f"{scheme}://{host}/" if port == USUAL[scheme] else f"{scheme}://{host}:{port}/"


def _is_shown(address: Address) -> bool:
    needs_zone = address.version == 6 and address.is_link_local
    return not needs_zone and not address.is_loopback and is_private(address)


def _ipv4() -> Iterator[Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                yield IPv4Address(fcntl.ioctl(asked, SIOCGIFADDR, request)[20:24])
            # It has none.
            except OSError:
                continue


def _ipv6() -> Iterator[Address]:
    if IF_INET6.is_file():
        for line in IF_INET6.read_text(encoding="ascii").splitlines():
            yield ip_address(bytes.fromhex(line.partition(" ")[0]))
