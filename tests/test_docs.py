"""The commands of the texts run, their links lead somewhere, and what they quote is what Otak says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

import edge_app.cli
from edge_app.languages import sentences
from tests import dicoms
from tests.conftest import ROOT
from tests.markdown import Block, anchors, blocks, links, pages
from tests.phantoms import LABELS, phantom, write_dataset
from tests.servers import serving

SHELL = list(blocks("sh"))
RUN, NOT_RUN = ([block for block in SHELL if block.tested is tested] for tested in (True, False))
PYTHON = {page: list(found) for page, found in groupby(blocks("python"), key=lambda block: block.page)}
FENCES = {"", "sh", "python", "json", "ini", "text"}
ADDRESS = "http://127.0.0.1:8000"

# A server of the texts goes on until it is stopped: here until it has said where it is.
PRELUDE = """
set -euo pipefail
otak() {
    if [ "$1" != serve ]; then command otak "$@"; return; fi
    rm -f served
    timeout 200 otak "$@" --port 0 --trust-port 0 > served &
    local server=$!
    until grep -q http served; do kill -0 $server; sleep 0.05; done
    kill $server
    wait $server || [ $? = 143 ]  # a signal may come before the server heeds it
}
curl() { command curl --silent --show-error --fail-with-body "$@"; }
"""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the texts speak of, drawn."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "scans").mkdir()
    (folder / "films" / "one").mkdir(parents=True)
    (folder / "archive" / "2026").mkdir(parents=True)
    for seed, label in enumerate(LABELS):
        phantom(label, seed).save(folder / "scans" / f"{label}.png")
    for name in ("slice.jpg", "another.png", "films/one/1.png", "archive/2026/1.png"):
        phantom("glioma", 3).save(folder / name)
    for name in ("slice.dcm", "another.dcm", "IM0001", "IM0002", "archive/2026/2.dcm"):
        (folder / name).write_bytes(dicoms.dicom())
    with zipfile.ZipFile(folder / "more.zip", "w") as file:
        file.write(folder / "slice.jpg", "IM0007.jpg")
    write_dataset(folder / "DATA", per_class=2, seed=1)
    shutil.copytree(ROOT / "tests" / "toy_bundle", folder / "bundles" / "mine")
    return folder


@pytest.fixture(scope="module")
def environment(scratch: Path) -> dict[str, str]:
    """Where commands find this checkout's ``otak`` and ``python``, and keep what they keep."""
    tools = scratch / "tools"
    tools.mkdir()
    for name, command in (("otak", "-m edge_app.cli"), ("python", "")):
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n', encoding="utf-8")
        (tools / name).chmod(0o755)
    paths = {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return {
        **os.environ,
        **paths,
        "HOME": str(scratch),
        "XDG_STATE_HOME": str(scratch / "state"),
        "LANG": "C",
    }


@pytest.fixture(scope="module")
def address(toy_bundle: Path, environment: dict[str, str]) -> Iterator[str]:
    """Of a server that keeps cases."""
    with serving(toy_bundle, arguments=("--keep-cases",), env=environment) as (_, address):
        yield address


@pytest.mark.parametrize("block", RUN, ids=lambda block: block.place)
def test_commands_run(block: Block, scratch: Path, environment: dict[str, str], address: str) -> None:
    for tool in ("curl", "jq"):
        if f"{tool} " in block.text and not shutil.which(tool):
            pytest.skip(f"no {tool}")
    script = PRELUDE + block.text.replace(ADDRESS, address)
    done = subprocess.run(
        ["bash", "-c", script], cwd=scratch, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PYTHON, ids=lambda page: page.name)
def test_python_runs(page: Path, scratch: Path, environment: dict[str, str], address: str) -> None:
    """The blocks of a page one after the other, as they are read."""
    for block in PYTHON[page]:
        compile(block.text, block.place, "exec")
    script = "\n".join(block.text for block in PYTHON[page] if block.tested).replace(ADDRESS, address)
    subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=scratch, env=environment, check=True)


def test_what_is_not_run_says_why() -> None:
    for block in [*SHELL, *(block for found in PYTHON.values() for block in found)]:
        assert not block.note or re.fullmatch(r"untested: \S.*", block.note), block.place


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_command_hides(page: Path) -> None:
    """Behind a fence of another kind nothing would run."""
    kinds = re.findall(r"^ *```(\S*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(kinds) <= FENCES
    for block in blocks(""):
        assert not re.match(r"(sudo )?(otak|python|pip|pipx|make|curl) ", block.text), block.place


@pytest.mark.parametrize("block", NOT_RUN, ids=lambda block: block.place)
def test_arguments_are_known(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what takes hours, each command is at least one that its parser takes."""
    train = pytest.importorskip("train.__main__")
    convert = pytest.importorskip("convert.__main__")
    benchmarks = pytest.importorskip("benchmarks.command_line")
    for room in (train, convert):
        monkeypatch.setattr(room, "exit_code", lambda *_: 0)
    take = {
        "train": train.main,
        "convert": convert.main,
        "benchmarks": lambda words: benchmarks.parser().parse_args(words),
        "otak": lambda words: edge_app.cli.parser().parse_args(words),
    }
    for program, words in _commands(block.text):
        if program in take:
            try:
                take[program](words)
            except SystemExit as end:
                pytest.fail(f"{block.place}: {program} {words}: {end}")


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yields the programs that a block runs, with their arguments."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line.replace("$fold", "1"), comments=True)
        for start, word in enumerate(words):
            if words[start : start + 2] == ["python", "-m"]:
                yield words[start + 2], words[start + 3 :]
                break
            if re.fullmatch(r"(/.*/)?otak", word) and words[start - 1] != "-u":
                yield "otak", words[start + 1 :]
                break


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link


def test_every_page_is_reached() -> None:
    """From the README, over pages."""
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        found = {(page.parent / link.partition("#")[0]).resolve() for link in links(page)}
        waiting += [path for path in found - reached if path.suffix == ".md" and path.is_file()]
    assert {path.resolve() for path in pages()} <= reached


def test_pictures_are_few_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in pages() for link in links(page)}
    for path in (ROOT / "docs" / "pictures").iterdir():
        assert path.stat().st_size < 150_000 and path in shown, path


@pytest.mark.parametrize(("language", "end"), [("en", ".md"), ("id", ".id.md")])
def test_what_is_seen_is_what_otak_says(language: str, end: str) -> None:
    """The pages of troubles quote sentences, with ``...`` for what differs."""
    text = (ROOT / "docs" / f"troubleshooting{end}").read_text(encoding="utf-8")
    quoted = re.findall(r'^\| "(.+?)" \|', text, re.MULTILINE)
    assert quoted
    for quote in quoted:
        pattern = re.escape(quote).replace(re.escape("..."), ".*")
        assert any(re.search(pattern, sentence) for sentence in sentences(language).values()), quote
