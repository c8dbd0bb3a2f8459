from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from edge_app import service
from edge_app.lan.serving import TRUST_DRAIN
from edge_app.process import ENDING
from edge_app.serve.limits import Limits

MOST_EXPOSED = 2.0


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, of a program that this machine surely has."""
    path = tmp_path / "otak.service"
    path.write_text(re.sub("ExecStart=.*", "ExecStart=/bin/true", service.unit(keep_cases=True)))
    return path


def analyze(*arguments: str) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze here; it comes with systemd")
    run = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def test_it_is_hardly_exposed(unit: Path) -> None:
    told = analyze("security", "--offline=yes", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for otak\.service: ([0-9.]+)", told)
    assert found and float(found[1]) <= MOST_EXPOSED, told


def test_systemd_understands_every_line(unit: Path) -> None:
    assert "otak.service" not in analyze("verify", str(unit))


def test_what_it_may_and_takes(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    for line in (
        *("User=otak", "StateDirectory=otak", "ProtectSystem=strict", "PrivateTmp=yes", "WatchdogSec=60"),
        *("CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "Restart=always", "Type=notify", "LogNamespace=otak"),
    ):
        assert line in lines
    for name in ("MemoryMax", "LimitNOFILE", "TasksMax"):
        assert any(line.startswith(f"{name}=") for line in lines)


def test_systemd_waits_until_both_servers_have_stopped(unit: Path) -> None:
    found = re.search(r"TimeoutStopSec=(\d+)", unit.read_text())
    assert found and int(found[1]) >= Limits().drain + TRUST_DRAIN + ENDING


def test_cases_are_kept_where_that_is_wanted() -> None:
    assert service.unit(keep_cases=True).replace(" --keep-cases", "") == service.unit(keep_cases=False)
    assert " serve --lan --port 443 --trust-port 80\n" in service.unit(keep_cases=False)


def test_all_is_written_and_taken_away_again(tmp_path: Path) -> None:
    (tmp_path / "etc" / "profile.d").mkdir(parents=True)
    (tmp_path / "etc" / "profile.d" / "other.sh").write_text("another's")
    for _ in range(2):
        service.write(tmp_path, keep_cases=False)
    assert service.is_installed(tmp_path)
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) == 6 and all(
        stat.S_IMODE(path.stat().st_mode) == 0o644
        for path in written - {tmp_path / "etc" / "profile.d" / "other.sh"}
    )
    assert "SystemMaxUse=32M" in (tmp_path / "etc/systemd/journald@otak.conf").read_text()
    assert "<port>443</port>" in (tmp_path / "etc/avahi/services/otak.service").read_text()
    script = tmp_path / "etc/profile.d/otak.sh"
    # Nobody looks: it says nothing, and doesn't end whoever reads it.
    run = subprocess.run(["sh", "-e", "-c", f". {script}; echo on"], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("on\n", "")
    for _ in range(2):
        service.remove(tmp_path)
    assert not service.is_installed(tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"other.sh"}


def test_a_system_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("no folder")
    with pytest.raises(OSError):
        service.write(tmp_path, keep_cases=False)
