"""The file of pins, and what pip gets of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from wheelhouse.build import requirements, without_pip
from wheelhouse.pins import PINS, RELEASES, Pin, pin_of, read_pins


def test_every_dependency_is_pinned_for_every_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {each.partition(">")[0].lower() for each in project["dependencies"]}
    pins = read_pins()
    for python in RELEASES.values():
        own = [pin.name for pin in pins if pin.python == python]
        assert needed | {"pip", "werkzeug", "cffi"} <= set(own)
        assert len(own) == len(set(own))
    assert {pin.python for pin in pins} == set(RELEASES.values())


def test_the_pins_name_no_place() -> None:
    assert "://" not in PINS.read_text(encoding="utf-8")


def test_a_pin_is_read_as_it_was_written(tmp_path: Path) -> None:
    wheel = tmp_path / "some_thing-1.2-py3-none-any.whl"
    wheel.write_bytes(b"")
    pin = pin_of(wheel, "cp313")
    assert (pin.name, pin.version) == ("some-thing", "1.2")
    path = tmp_path / "constraints.txt"
    path.write_text(f"# a comment\n\n{pin.line()}\n", encoding="utf-8")
    assert read_pins(path) == (pin,)


def test_a_line_without_a_hash_is_no_pin(tmp_path: Path) -> None:
    path = tmp_path / "constraints.txt"
    path.write_text("numpy==2.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"no pin: numpy==2\.0"):
        read_pins(path)


def test_requirements_are_those_of_one_python() -> None:
    digest = "0" * 64
    pins = (
        Pin("numpy", "2.4", "cp311", digest),
        Pin("numpy", "2.5", "cp313", digest),
        Pin("pip", "26", "cp313", digest),
    )
    assert requirements(pins, "cp313") == (
        f"numpy==2.5 --hash=sha256:{digest}\npip==26 --hash=sha256:{digest}\n"
    )
    assert without_pip(pins, "cp313") == f"numpy==2.5 --hash=sha256:{digest}\n"
