from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from edge_app import service
from edge_app.commands import install_service
from tests.edge_app.commands.running import otak


def test_a_dry_run_prints_the_unit() -> None:
    run = otak("install-service", "--dry-run", "--keep-cases")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == service.unit(keep_cases=True)


def test_nothing_is_done_without_systemd() -> None:
    if install_service.RUNNING.is_dir():
        pytest.skip("systemd runs this machine, which a test must not change")
    run = otak("install-service", language="id")
    assert run.returncode == 1 and "systemd" in run.stderr
    assert otak("install-service", "--uninstall").returncode == 1
    assert otak("install-service", "--dry-run", "--uninstall").returncode == 2


class System:
    """A system that does as it is told, below a folder."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.log = root, root / "log"
        programs = root / "bin"
        programs.mkdir(exist_ok=True)
        for name in ("systemctl", "systemd-sysusers"):
            (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n[ "$1" != "$FAILS" ]\n')
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(programs), prepend=":")
        monkeypatch.setattr(install_service, "ROOT", root)
        monkeypatch.setattr(install_service, "RUNNING", root)
        monkeypatch.setattr(install_service, "HOMES", ())
        monkeypatch.setattr("os.geteuid", lambda: 0)

    def run(self, uninstall: bool = False) -> int:
        return install_service.run(Namespace(dry_run=False, uninstall=uninstall, keep_cases=False))

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    return System(tmp_path, monkeypatch)


def test_it_is_installed_and_taken_away(system: System, capsys: pytest.CaptureFixture[str]) -> None:
    assert system.run() == 0
    assert service.is_installed(system.root)
    assert system.asked()[1:] == [
        "systemctl daemon-reload",
        "systemctl enable otak",
        "systemctl restart otak",
    ]
    assert "otak pin" in capsys.readouterr().out
    assert system.run(uninstall=True) == 0
    assert not service.is_installed(system.root)
    assert system.asked()[4:] == ["systemctl disable --now otak", "systemctl daemon-reload"]


def test_a_step_that_fails_is_told(
    system: System, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAILS", "restart")
    assert system.run() == 1
    assert '"systemctl restart otak" failed' in capsys.readouterr().err
    monkeypatch.setenv("FAILS", "disable")
    assert system.run(uninstall=True) == 1
    assert service.is_installed(system.root), "it still runs"


def test_refusals(
    system: System, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install_service, "HOMES", (service.program().parent,))
    assert system.run() == 1
    assert "home" in capsys.readouterr().err
    monkeypatch.setattr(install_service, "HOMES", ())
    monkeypatch.setattr("sys.prefix", str(system.root / "none"))
    assert system.run() == 1 and not service.is_installed(system.root)
    assert "for all users" in capsys.readouterr().err
    monkeypatch.undo()
    System(system.root, monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert system.run() == 1
    assert "sudo" in capsys.readouterr().err
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(install_service, "HOMES", ())
    monkeypatch.setattr(install_service, "ROOT", system.log)
    system.log.write_text("no folder")
    assert system.run() == 1
    assert "can't be written" in capsys.readouterr().err
