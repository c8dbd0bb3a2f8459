"""Otak as a service of the system: what systemd and its neighbours are given to read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

NAME = "otak"
PORT, TRUST_PORT = 443, 80
UNIT = Path("etc/systemd/system/otak.service")
AVAHI = Path("etc/avahi/services/otak.service")

SERVICE = """\
[Unit]
Description=Otak, for the phones of this network
After=network-online.target time-sync.target
Wants=network-online.target
# However often it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
User=otak
Group=otak
StateDirectory=otak
StateDirectoryMode=0700
UMask=0077
WorkingDirectory=/
Environment=PYTHONDONTWRITEBYTECODE=1
TimeoutStartSec=180
TimeoutStopSec=45
WatchdogSec=60
Restart=always
RestartSec=5
LogNamespace=otak

# A server and its workers need some 300 MB; a Raspberry Pi with 1 GB needs the rest itself.
MemoryMax=75%
MemorySwapMax=0
TasksMax=256
LimitNOFILE=4096
LimitCORE=0
OOMPolicy=continue

# Ports 443 and 80, and no other right.
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateIPC=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
# Not ProcSubset=pid: the interpreter asks /proc/cpuinfo what an ARM processor can do.
ProtectProc=invisible
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# Netlink says which addresses the device has.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""
USER = 'u otak - "Otak" /var/lib/otak\n'
JOURNAL = "[Journal]\nSystemMaxUse=32M\nRuntimeMaxUse=16M\nMaxRetentionSec=3month\n"
MDNS = """\
<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">Otak on %h</name>
  <service>
    <type>_https._tcp</type>
    <port>{port}</port>
  </service>
</service-group>
"""
LOGIN = """\
# Where phones find Otak, for whoever logs in at a terminal.
if [ -t 1 ] && [ -x '{otak}' ]; then
  '{otak}' info --addresses
fi
"""


@dataclass(frozen=True)
class File:
    """A file that the service needs.

    Attributes:
        path: Below the root of the system.
        text: What it holds.
    """

    path: Path
    text: str


def program() -> Path:
    """Returns the ``otak`` of the environment that this runs in."""
    return Path(sys.prefix) / "bin" / NAME


def unit(keep_cases: bool) -> str:
    """Returns the unit of systemd."""
    words = [f'"{program()}"', "serve", "--lan", f"--port {PORT}", f"--trust-port {TRUST_PORT}"]
    return SERVICE.format(command=" ".join([*words, *["--keep-cases"] * keep_cases]))


def files(keep_cases: bool) -> list[File]:
    """Returns all that is written for the service."""
    return [
        File(UNIT, unit(keep_cases)),
        File(Path("etc/sysusers.d/otak.conf"), USER),
        File(Path("etc/systemd/journald@otak.conf"), JOURNAL),
        File(AVAHI, MDNS.format(port=PORT)),
        File(Path("etc/profile.d/otak.sh"), LOGIN.format(otak=program())),
    ]


def write(root: Path, keep_cases: bool) -> None:
    """Writes the files of the service, each whole or not at all.

    Raises:
        OSError: One can't be written.
    """
    for file in files(keep_cases):
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.new")
        unfinished.write_text(file.text, encoding="utf-8")
        unfinished.chmod(0o644)
        unfinished.replace(path)


def remove(root: Path) -> None:
    """Takes them away.

    Raises:
        OSError: One can't be.
    """
    for file in files(keep_cases=False):
        (root / file.path).unlink(missing_ok=True)


def is_installed(root: Path = Path("/")) -> bool:
    """Tells whether this device has the service."""
    return (root / UNIT).exists()
