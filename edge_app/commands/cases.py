"""``otak cases``: what the case log of this device holds, on a terminal and in files."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from edge_app.bundle import Bundle, Label
from edge_app.bundles.place import current
from edge_app.case_log import fhir, table
from edge_app.case_log.backup import backup, restore
from edge_app.case_log.cases import Case, Search
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.log import CaseLog
from edge_app.case_log.place import default_place
from edge_app.case_log.wording import case_headline, diagnosis_name
from edge_app.commands.parser import add_command, add_commands
from edge_app.commands.terminal import complain, say, spoken
from edge_app.sources import printable
from edge_app.wording import label_name

PAGE = 200
NOTED = 40  # letters of a note

Part: TypeAlias = Callable[[argparse.Namespace, Path], None]


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    parser.description = say("cases.help.place", place=default_place())
    commands = add_commands(parser)
    listing = add_command(commands, "list", say("cases.help.list"))
    listing.add_argument(
        "text", nargs="?", default="", metavar=say("cases.metavar.text"), help=say("cases.help.text")
    )
    listing.add_argument("--json", action="store_true", help=say("cli.help.json"))
    listing.set_defaults(part=_list)
    export = add_command(commands, "export", say("cases.help.export"))
    _add_file(export, _table_or_reports, "cases.help.export.file", _export)
    backing = add_command(commands, "backup", say("cases.help.backup"))
    _add_file(backing, Path, "cases.help.backup.file", _backup)
    restoring = add_command(commands, "restore", say("cases.help.restore"))
    _add_file(restoring, Path, "cases.help.restore.file", _restore)
    restoring.add_argument("--replace", action="store_true", help=say("cases.help.replace"))


def run(arguments: argparse.Namespace) -> int:
    """Does what the sub-command says; returns the exit code."""
    part: Part = arguments.part
    place = default_place()
    try:
        part(arguments, place)
    except CaseLogError as error:
        complain(f"{error.sentence(spoken())} ({place})")
        return 1
    return 0


def _add_file(parser: argparse.ArgumentParser, kind: Callable[[str], Path], what: str, part: Part) -> None:
    parser.add_argument("file", type=kind, metavar=say("cli.metavar.file"), help=say(what))
    parser.set_defaults(part=part)


def _list(arguments: argparse.Namespace, place: Path) -> None:
    log, language = _log(place), spoken()
    names = {label.name: label_name(label, language) for label in _labels()}
    for case in _found(log, arguments.text):
        if arguments.json:
            print(json.dumps(asdict(case)))
        else:
            print(_line(case, names, language))


def _line(case: Case, names: dict[str, str], language: str) -> str:
    parts = [case.time, case.patient or "-", case_headline(case, names, language)]
    if case.diagnosis is not None:
        told = diagnosis_name(case.diagnosis, names, language)
        parts.append(f"{say('figures.diagnosis')}: {told}")
    if case.note:
        note = " ".join(case.note.split())
        parts.append(note if len(note) <= NOTED else f"{note[:NOTED]}...")
    return printable("  ".join(parts))


def _found(log: CaseLog, text: str) -> Iterator[Case]:
    before = None
    while True:
        page = log.find(Search(text=text, before=before, limit=PAGE))
        yield from page.cases
        before = page.next
        if before is None:
            return


def _export(arguments: argparse.Namespace, place: Path) -> None:
    log, labels, language = _log(place), _labels(), spoken()
    parts = table.lines(log)
    if arguments.file.suffix.lower() == ".json":
        parts = fhir.bundle(fhir.report(case, None, language, labels) for case in log.every())
    _write(arguments.file, parts)
    print(say("cases.written", path=arguments.file, count=log.check()))


def _backup(arguments: argparse.Namespace, place: Path) -> None:
    print(say("cases.written", path=arguments.file, count=backup(place, arguments.file)))


def _restore(arguments: argparse.Namespace, place: Path) -> None:
    print(say("cases.restored", place=place, count=restore(place, arguments.file, arguments.replace)))


def _log(place: Path) -> CaseLog:
    # To look at a log makes none.
    if not place.exists():
        raise CaseLogError("cases_none")
    return CaseLog(place)


def _labels() -> tuple[Label, ...]:
    return Bundle.load(current()).labels


def _table_or_reports(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".csv", ".json"):
        raise argparse.ArgumentTypeError(say("cases.ending"))
    return path


def _write(path: Path, parts: Iterable[str]) -> None:
    """Writes a new file, whole or not at all, that nobody else may read."""
    try:
        opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise CaseLogError("cases_exists") from None
    except OSError as error:
        raise CaseLogError("cases_no_target", reason=error.strerror) from error
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
    except OSError as error:
        path.unlink()
        raise CaseLogError("cases_no_target", reason=error.strerror) from error
    except BaseException:
        path.unlink()
        raise
