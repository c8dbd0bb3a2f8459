"""The command of an emulated board; make arm runs it."""

from __future__ import annotations

from pathlib import Path

from tests.arm.answers import answers
from tests.arm.roots import RELEASES, Emulator
from tests.arm.samples import write_samples
from wheelhouse.pins import RELEASES as PROVEN


def test_a_board_is_a_processor_and_a_root() -> None:
    emulator = Emulator(Path("/e/qemu"), Path("/e/proot"), Path("/e/lib"))
    command = emulator.command(Path("/roots/debian13"), "cortex-a76", [Path("/shared")], ["otak", "info"])
    assert "QEMU_CPU=cortex-a76" in command
    assert command[command.index("-r") + 1] == "/roots/debian13"
    assert command[command.index("/shared") - 1] == "-b"
    assert command[-2:] == ["otak", "info"]


def test_every_release_that_the_file_is_for_is_tried() -> None:
    assert {str(release.version): release.python for release in RELEASES} == PROVEN


def test_both_sides_read_every_sample(tmp_path: Path) -> None:
    assert write_samples(tmp_path, 0) == 0
    said = answers(tmp_path).said
    assert [each.name for each in said] == sorted(path.name for path in (tmp_path / "drawn").iterdir())
    assert {Path(each.name).suffix for each in said} == {".png", ".jpg", ".webp", ".dcm"}
    assert len({each.pixels for each in said}) > len(said) / 2
