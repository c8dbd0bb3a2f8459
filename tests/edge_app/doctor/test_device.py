from __future__ import annotations

import platform
from collections import namedtuple
from pathlib import Path

import pytest

from edge_app.board import Health
from edge_app.doctor import device


def pi(celsius: float | None = 50.0, flags: int | None = 0) -> Health:
    return Health(celsius, 1500.0, flags)


@pytest.mark.parametrize(
    ("celsius", "found"),
    [(None, "untold"), (50.0, "cool"), (70.0, "warm"), (80.0, "hot")],
)
def test_temperature(celsius: float | None, found: str) -> None:
    assert device.temperature(pi(celsius)).case == found


@pytest.mark.parametrize(
    ("flags", "slow", "power"),
    [
        (None, "untold", "untold"),
        (0, "never", "never"),
        (0x1, "never", "now"),
        (0x50005, "now", "now"),
        (0x50000, "before", "before"),
        (0x10000, "never", "before"),
        (0x80000, "before", "never"),
        (0x8, "now", "never"),
    ],
)
def test_flags(flags: int | None, slow: str, power: str) -> None:
    assert device.throttling(pi(flags=flags)).case == slow
    assert device.undervoltage(pi(flags=flags)).case == power


@pytest.mark.parametrize(
    ("release", "level"),
    [
        ({"ID": "debian", "VERSION_ID": "12", "PRETTY_NAME": "Debian"}, "good"),
        ({"ID": "debian", "PRETTY_NAME": "Debian sid"}, "attention"),
        ({"ID": "arch", "VERSION_ID": "12", "PRETTY_NAME": "Arch"}, "attention"),
    ],
)
def test_system(release: dict[str, str], level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    assert device.system().level == level
    assert device.system().found("id").startswith(release["PRETTY_NAME"])


def test_a_system_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise FileNotFoundError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)
    assert device.system().level == "attention"


@pytest.mark.parametrize(
    ("machine", "largest", "level"),
    [
        ("aarch64", 2**63 - 1, "good"),
        ("riscv64", 2**63 - 1, "attention"),
        ("armv7l", 2**31 - 1, "bad"),
        ("aarch64", 2**31 - 1, "bad"),
    ],
)
def test_architecture(machine: str, largest: int, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr("sys.maxsize", largest)
    assert device.architecture().level == level


@pytest.mark.parametrize(("free", "level"), [(10, "bad"), (100, "attention"), (10_000, "good")])
def test_disk(free: int, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(0, 0, free * 1_000_000))
    found = device.disk(tmp_path / "not" / "yet")
    assert found.level == level and str(tmp_path) in found.found("en")


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("MemTotal: 4000000 kB\nMemAvailable: 3000000 kB\n", "enough"),
        ("MemTotal: 4000000 kB\nMemAvailable: 100000 kB\n", "scarce"),
        ("MemTotal: 250000 kB\nMemAvailable: 200000 kB\n", "small"),
        ("MemTotal: many kB\nMemAvailable: 3 kB\n", "untold"),
        ("nonsense", "untold"),
        ("", "untold"),
    ],
)
def test_memory(text: str, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(device, "CONTROLLERS", tmp_path / "controllers")
    assert [each.case for each in device.memory()] == ["untold"]
    (tmp_path / "meminfo").write_text(text)
    (tmp_path / "controllers").write_text("cpu io pids\n")
    assert [each.case for each in device.memory()] == [case, "off"]
    (tmp_path / "controllers").write_text("cpu io memory pids\n")
    assert [each.case for each in device.memory()] == [case]
